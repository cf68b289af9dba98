package io.amends.core.failure;

/**
 * Identifies a failed execution.
 *
 * @param value 1 to 64 characters, unique in the database; generated ones sort by time
 */
public record FailureId(String value) implements Comparable<FailureId> {
    /** Checks the length. */
    public FailureId {
        if (value.isEmpty() || value.length() > 64) {
            throw new IllegalArgumentException("failure id: " + value.length() + " characters (expected: 1..64)");
        }
    }

    @Override
    public int compareTo(FailureId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}

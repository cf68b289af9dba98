package io.amends.core.causality;

/**
 * A version of an entity; a higher epoch is newer whatever the versions are.
 *
 * @param epoch grows when the entity starts anew; 0 if there are no epochs
 * @param version grows with each change within the epoch
 */
public record StreamVersion(long epoch, long version) implements Comparable<StreamVersion> {
    /** Older than every version: nothing was done. */
    public static final StreamVersion NOTHING = new StreamVersion(Long.MIN_VALUE, Long.MIN_VALUE);

    @Override
    public int compareTo(StreamVersion other) {
        int byEpoch = Long.compare(epoch, other.epoch);
        return byEpoch != 0 ? byEpoch : Long.compare(version, other.version);
    }

    @Override
    public String toString() {
        return epoch == 0 ? Long.toString(version) : epoch + "." + version;
    }
}

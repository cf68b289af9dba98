package io.amends.crash;

/** Where a test's choices come from. */
final class Seeds {
    private Seeds() {}

    /** The seed that was asked for with {@code -Damends.seed}, or a new one. */
    static long next() {
        Long given = Long.getLong("amends.seed");
        return given != null ? given : System.nanoTime();
    }
}

package io.amends.api;

import java.time.Duration;
import java.util.List;

/** What an event waits for that came too early. */
public sealed interface WaitCondition {

    /** Any next event of the same key that some processor of the service does; tried again after 1 s doubling to 60 s. */
    record Next() implements WaitCondition {}

    /**
     * A time.
     *
     * @param duration how long, 1 ms to 30 days
     */
    record Elapsed(Duration duration) implements WaitCondition {
        /** Checks the duration. */
        public Elapsed {
            if (duration.compareTo(Duration.ofMillis(1)) < 0 || duration.compareTo(Duration.ofDays(30)) > 0) {
                throw new IllegalArgumentException("wait: " + duration + " (expected: PT0.001S..P30D)");
            }
        }
    }

    /**
     * An event of this type and key, done by this processor; it must be tracked.
     *
     * @param eventType the event type
     * @param key the values that identify the event, in the order of the tracking declaration
     */
    record Handled(String eventType, List<String> key) implements WaitCondition {
        /** Copies the key. */
        public Handled {
            key = List.copyOf(key);
        }
    }

    /**
     * A version of a stream, done by this processor; the stream must be tracked.
     *
     * @param stream the stream
     * @param key the entity
     * @param epoch the epoch, 0 if there are none
     * @param version the least version that satisfies
     */
    record Version(String stream, String key, long epoch, long version) implements WaitCondition {}
}

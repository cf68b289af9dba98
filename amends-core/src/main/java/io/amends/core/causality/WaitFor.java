package io.amends.core.causality;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What an event waits for that came too early. */
public sealed interface WaitFor {

    /** What people are told. */
    String text();

    /**
     * A version of an entity, done by a processor.
     *
     * @param processor who has to have done it
     * @param entity the entity
     * @param atLeast the least version that satisfies
     * @param unknownSatisfies whether it is satisfied as well while nothing of the entity's epoch was done: the first
     *     version that is seen is the base
     */
    record Version(String processor, StreamKey entity, StreamVersion atLeast, boolean unknownSatisfies)
            implements WaitFor {

        /** Whether it is an event that a processor tracks, which is done or not, and no version of an entity. */
        public boolean isOfEvent() {
            return TrackRule.isTracked(entity.stream());
        }

        /** Whether this is enough; null if nothing was done. */
        public boolean isSatisfiedBy(@Nullable StreamVersion done) {
            boolean unknown = done == null || done.epoch() < atLeast.epoch();
            return (unknown && unknownSatisfies) || (done != null && done.compareTo(atLeast) >= 0);
        }

        @Override
        public String text() {
            return isOfEvent()
                    ? entity.stream() + " = " + entity.key() + " in processor " + processor
                    : "version " + atLeast + " of " + entity + " in processor " + processor;
        }
    }

    /** Whatever comes next: an event of the same key that some processor of the service has done. */
    record Next() implements WaitFor {
        @Override
        public String text() {
            return "any next event of the same key";
        }
    }

    /**
     * A time.
     *
     * @param duration how long
     */
    record Elapsed(Duration duration) implements WaitFor {
        @Override
        public String text() {
            return TimeInWords.of(duration) + " to pass";
        }
    }
}

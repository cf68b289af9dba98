package io.amends.core.store;

import io.amends.core.causality.WaitFor;
import io.amends.core.failure.FailureId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A wait, as people see it.
 *
 * @param processor the processor
 * @param slot the slot
 * @param laneKey the lane
 * @param position the event's position
 * @param source the event's source
 * @param id the event's id
 * @param type the event's type
 * @param key the event's key
 * @param what what it waits for, in words
 * @param awaited the version that it waits for; null if it waits for something else
 * @param kind what kind of thing it waits for
 * @param since when it began to wait for the first time
 * @param until when it has lasted too long; null if that is over, and its failed execution goes on waiting
 * @param dueAt when it is tried again, null until it is woken
 * @param tries how often it was tried
 * @param failure the failed execution that waits, null for an event that never failed
 * @param followers events parked behind it
 */
public record WaitingEvent(
        String processor,
        int slot,
        String laneKey,
        long position,
        String source,
        String id,
        String type,
        @Nullable String key,
        String what,
        WaitFor.@Nullable Version awaited,
        Kind kind,
        Instant since,
        @Nullable Instant until,
        @Nullable Instant dueAt,
        int tries,
        @Nullable FailureId failure,
        long followers) {

    /** What kind of thing an event waits for. */
    public enum Kind {
        /** An event that a processor has to have done. */
        EVENT,
        /** A version of an entity. */
        VERSION,
        /** Whatever comes next for its key. */
        NEXT,
        /** A time. */
        TIME;

        /** The kind of this. */
        public static Kind of(WaitFor what) {
            return switch (what) {
                case WaitFor.Version version -> version.isOfEvent() ? EVENT : VERSION;
                case WaitFor.Next next -> NEXT;
                case WaitFor.Elapsed elapsed -> TIME;
            };
        }
    }
}

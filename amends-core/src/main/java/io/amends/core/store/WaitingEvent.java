package io.amends.core.store;

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
 * @param what what it waits for
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
        Instant since,
        @Nullable Instant until,
        @Nullable Instant dueAt,
        int tries,
        @Nullable FailureId failure,
        long followers) {}

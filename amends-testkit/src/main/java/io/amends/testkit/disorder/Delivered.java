package io.amends.testkit.disorder;

import org.jspecify.annotations.Nullable;

/**
 * What one delivery did.
 *
 * @param event the event, from 0 in {@link Divergence#events}
 * @param processor the processor that it came to
 * @param node which instance of the processor it came to, 0 or 1
 * @param what how it ended
 * @param state the state after it, as text
 * @param error what the handler threw, or what it waits for, or null
 */
public record Delivered(
        int event,
        String processor,
        int node,
        What what,
        String state,
        @Nullable Throwable error) {

    /** How a delivery ends. */
    public enum What {
        /** The handler ran, and its transaction committed. */
        HANDLED,
        /** The handler ran, and its transaction committed; the event had come before. */
        HANDLED_AGAIN,
        /** The event is stale by what its function declares, and was skipped. */
        STALE,
        /** The event came too early, and waits. */
        WAITING,
        /** What the event waited for is done, and the handler ran. */
        WOKEN,
        /** The time of its wait was over, and it was skipped as its function declares. */
        SKIPPED,
        /** A retry succeeded. */
        RETRIED,
        /** The handler ran, and its transaction was rolled back by a crash. */
        CRASHED,
        /** The handler threw; the event is retried later. */
        FAILED,
        /** The event stands behind a failed one of its key. */
        PARKED
    }
}

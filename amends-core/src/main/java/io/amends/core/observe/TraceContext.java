package io.amends.core.observe;

import io.amends.api.EventEnvelope;
import org.jspecify.annotations.Nullable;

/** Carries a trace from the publisher to the handler and its retries. Thread-safe. */
public interface TraceContext {

    /** No tracing: events keep the traceparent that they came with. */
    TraceContext NONE = new TraceContext() {
        @Override
        public @Nullable String current() {
            return null;
        }

        @Override
        public Scope open(EventEnvelope event, String processor, String function) {
            return error -> {};
        }
    };

    /** The W3C traceparent of the calling thread, or null. */
    @Nullable String current();

    /** Opens a span for a run of a function on the calling thread, as a child of the event's traceparent. */
    Scope open(EventEnvelope event, String processor, String function);

    /** An open span. */
    @FunctionalInterface
    interface Scope {
        /** Ends the span, with the run's error if it failed. */
        void close(@Nullable Throwable error);
    }
}

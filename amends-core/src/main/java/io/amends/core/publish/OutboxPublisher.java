package io.amends.core.publish;

import io.amends.api.EventEnvelope;
import io.amends.api.EventPublisher;
import io.amends.api.Headers;
import io.amends.api.InvalidEventException;
import io.amends.api.NoTransactionException;
import io.amends.api.OutgoingEvent;
import io.amends.core.causality.Causes;
import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import io.amends.core.event.EventLimits;
import io.amends.core.observe.EngineListener;
import io.amends.core.observe.TraceContext;
import io.amends.core.step.Conductor;
import io.amends.core.store.CallerTransaction;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns what the application publishes into outbox rows of the caller's transaction. */
public final class OutboxPublisher implements EventPublisher {
    private final CallerTransaction caller;
    private final EventCodec codec;
    private final EventLimits limits;
    private final String source;
    private final Conductor conductor;
    private final TraceContext traces;
    private final EngineListener listener;

    /** Creates it for the store's callers. */
    public OutboxPublisher(
            CallerTransaction caller,
            EventCodec codec,
            EventLimits limits,
            String source,
            Conductor conductor,
            Observers observers) {
        this.caller = caller;
        this.codec = codec;
        this.limits = limits;
        this.source = source;
        this.conductor = conductor;
        this.traces = observers.traces();
        this.listener = observers.listener();
    }

    /**
     * Who hears of publishing.
     *
     * @param listener hears of events
     * @param traces gives the trace context
     */
    public record Observers(EngineListener listener, TraceContext traces) {}

    @Override
    public void publish(Object event) {
        publish(event instanceof OutgoingEvent outgoing ? outgoing : OutgoingEvent.of(event));
    }

    @Override
    public void publish(OutgoingEvent event) {
        if (!caller.isActive()) {
            throw new NoTransactionException(
                    "no transaction: publish inside one (@Transactional, TransactionTemplate or Amends' inTransaction),"
                            + " so that the event exists if and only if the change does; or call publishNow for an event"
                            + " that no change belongs to");
        }
        EventEnvelope envelope = envelope(event);
        caller.publish(envelope, event.id() != null);
        listener.published(envelope.type(), 1);
    }

    @Override
    public void publishNow(Object event) {
        if (caller.isActive()) {
            publish(event);
        } else {
            caller.inNew(() -> publish(event));
        }
    }

    private EventEnvelope envelope(OutgoingEvent event) {
        Object payload = event.payload();
        EventDescription description = EventDescription.of(payload.getClass());
        HandlerScope scope = HandlerScope.current();
        EventEnvelope cause = scope == null ? null : scope.cause();
        String id = event.id() != null ? event.id() : conductor.newId();
        EventEnvelope envelope = new EventEnvelope(
                id,
                event.source() != null ? event.source() : source,
                event.type() != null ? event.type() : description.type(),
                event.subject() != null ? event.subject() : description.subject(payload),
                conductor.wallClock(),
                codec.contentType(),
                encode(payload),
                emptyToNull(event.key() != null ? event.key() : description.key(payload)),
                event.version() != null ? event.version() : description.version(payload),
                event.epoch() != null ? event.epoch() : description.epoch(payload),
                cause == null ? id : cause.correlationId() != null ? cause.correlationId() : cause.id(),
                cause == null ? null : cause.id(),
                traces.current(),
                headers(event, scope));
        List<String> breaches = limits.breaches(envelope);
        if (!breaches.isEmpty()) {
            throw new InvalidEventException(
                    "event " + payload.getClass().getName() + " can not be published: " + String.join("; ", breaches),
                    null);
        }
        return envelope;
    }

    /** With the causes, unless the application has said them itself or has left no room. */
    private static Headers headers(OutgoingEvent event, @Nullable HandlerScope scope) {
        if (scope == null
                || event.headers().containsKey(Causes.HEADER)
                || event.headers().size() >= EventLimits.HEADERS) {
            return new Headers(event.headers());
        }
        Map<String, String> headers = new TreeMap<>(event.headers());
        headers.put(Causes.HEADER, Causes.after(scope.handled()));
        return new Headers(headers);
    }

    private byte[] encode(Object payload) {
        if (payload instanceof byte[] bytes) {
            return bytes.clone();
        }
        try {
            return codec.encode(payload);
        } catch (CodecException e) {
            throw new InvalidEventException(
                    "event " + payload.getClass().getName() + " can not be encoded: " + e.getMessage(), e);
        }
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}

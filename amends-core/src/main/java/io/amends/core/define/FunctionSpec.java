package io.amends.core.define;

import io.amends.api.Attempt;
import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A function before its defaults are resolved: the programmatic equivalent of a method with {@link
 * io.amends.api.OnEvent}. Immutable.
 *
 * <p>The payload is a class whose {@link io.amends.api.EventType} names the event type, or anything the codec can read
 * when {@link #types} names them; {@code EventEnvelope.class} stands for no payload at all. The handler runs inside the
 * engine's transaction; what it throws rolls back and is recorded.
 */
public final class FunctionSpec {
    private final Definition definition;

    private FunctionSpec(Definition definition) {
        this.definition = definition;
    }

    /**
     * Handles an event.
     *
     * @param <E> the payload, for a batch function a list of them
     */
    @FunctionalInterface
    public interface Handler<E> {
        /** Handles; whatever it throws rolls the transaction back. */
        void handle(E event, Delivery delivery) throws Exception;
    }

    /**
     * Handles an event, and returns what to publish.
     *
     * @param <E> the payload, for a batch function a list of them
     */
    @FunctionalInterface
    public interface PublishingHandler<E> {
        /** Handles; returns an event, an Iterable, Stream, array or Optional of events, or null. */
        @Nullable Object handle(E event, Delivery delivery) throws Exception;
    }

    /** A function that publishes nothing by its result. */
    public static <E> FunctionSpec of(Class<E> payload, Handler<? super E> handler) {
        return publishing(payload, returningNothing(handler));
    }

    /** A function whose result is published in its transaction. */
    public static <E> FunctionSpec publishing(Class<E> payload, PublishingHandler<? super E> handler) {
        return create(payload, handler, (events, attempt) -> {
            HandledEvent event = events.get(0);
            return handler.handle(payload.cast(event.payload()), new Delivery(List.of(event.event()), attempt));
        });
    }

    /** A function for a payload of a generic type, for instance {@code Map<String, Order>}. */
    public static FunctionSpec ofGeneric(Type payload, PublishingHandler<Object> handler) {
        return create(payload, handler, (events, attempt) -> {
            HandledEvent event = events.get(0);
            return handler.handle(event.payload(), new Delivery(List.of(event.event()), attempt));
        });
    }

    /** A batch function: takes up to the processor's {@code batch} events of one slot at once, in order. */
    public static <E> FunctionSpec batch(Class<E> payload, Handler<? super List<E>> handler) {
        return publishingBatch(payload, returningNothing(handler));
    }

    /** A batch function whose result is published in its transaction. */
    public static <E> FunctionSpec publishingBatch(Class<E> payload, PublishingHandler<? super List<E>> handler) {
        FunctionSpec single = create(payload, handler, (events, attempt) -> {
            List<E> payloads =
                    events.stream().map(event -> payload.cast(event.payload())).toList();
            List<EventEnvelope> envelopes =
                    events.stream().map(HandledEvent::event).toList();
            return handler.handle(payloads, new Delivery(envelopes, attempt));
        });
        return new FunctionSpec(single.definition.asBatch());
    }

    /** The same with this stable name, at most 200 characters; default {@code on(}payload's simple name{@code )}. */
    public FunctionSpec named(String name) {
        return new FunctionSpec(definition.withName(name));
    }

    /** The same for these event types; default: the type of the payload's class. */
    public FunctionSpec types(String... types) {
        return new FunctionSpec(definition.withTypes(List.of(types)));
    }

    /** The same with effects that go there; default {@link Effects#DATABASE}. */
    public FunctionSpec effects(Effects effects) {
        return new FunctionSpec(definition.withEffects(effects));
    }

    /** The same, moving this stream and skipping what is stale; may be called for several streams. */
    public FunctionSpec skipStale(StreamSpec stream) {
        return new FunctionSpec(definition.withCausality(definition.causality().withStream(stream.rule(true))));
    }

    /** The same, moving this stream without skipping anything; may be called for several streams. */
    public FunctionSpec advances(StreamSpec stream) {
        return new FunctionSpec(definition.withCausality(definition.causality().withStream(stream.rule(false))));
    }

    /** The same for events that are handled in the order of their versions; may be called for several streams. */
    public FunctionSpec sequenced(SequenceSpec sequence) {
        return new FunctionSpec(definition.withCausality(definition.causality().withSequence(sequence)));
    }

    /** The same for events that wait until this is done; may be called for several dependencies. */
    public FunctionSpec requires(DependencySpec dependency) {
        return new FunctionSpec(definition.withCausality(definition.causality().withDependency(dependency)));
    }

    /** The same for events that others may wait for by {@link io.amends.api.Wait#handled}, identified by these paths. */
    public FunctionSpec tracks(String... paths) {
        return new FunctionSpec(definition.withCausality(definition.causality().withTrack(List.of(paths))));
    }

    /** The same with this retry setting, over that of the processor. */
    public FunctionSpec retry(RetrySpec retry) {
        return new FunctionSpec(definition.withRetry(retry));
    }

    Definition definition() {
        return definition;
    }

    /** The code behind a function, whatever it was declared with. */
    @FunctionalInterface
    interface Body {
        @Nullable Object call(List<HandledEvent> events, Attempt attempt) throws Throwable;
    }

    /**
     * What was said about a function.
     *
     * @param name its name
     * @param types its event types; empty for those of the payload's class
     * @param payload what the codec decodes into, null for nothing
     * @param batch whether it takes several events at once
     * @param effects where its effects go
     * @param retry its retry setting
     * @param causality what it declares about order
     * @param packages packages of its code
     * @param body its code
     */
    record Definition(
            String name,
            List<String> types,
            @Nullable Type payload,
            boolean batch,
            Effects effects,
            RetrySpec retry,
            CausalitySpec causality,
            List<String> packages,
            Body body) {

        Definition withName(String newName) {
            return new Definition(newName, types, payload, batch, effects, retry, causality, packages, body);
        }

        Definition withTypes(List<String> newTypes) {
            return new Definition(name, newTypes, payload, batch, effects, retry, causality, packages, body);
        }

        Definition asBatch() {
            return new Definition(name, types, payload, true, effects, retry, causality, packages, body);
        }

        Definition withEffects(Effects newEffects) {
            return new Definition(name, types, payload, batch, newEffects, retry, causality, packages, body);
        }

        Definition withCausality(CausalitySpec newCausality) {
            return new Definition(name, types, payload, batch, effects, retry, newCausality, packages, body);
        }

        Definition withRetry(RetrySpec newRetry) {
            return new Definition(name, types, payload, batch, effects, newRetry, causality, packages, body);
        }
    }

    /** A function whose code takes events as they are read; the payload is null for none. */
    static FunctionSpec ofBody(@Nullable Type payload, List<String> packages, Body body) {
        return new FunctionSpec(new Definition(
                "on()",
                List.of(),
                payload,
                false,
                Effects.DATABASE,
                RetrySpec.UNSET,
                CausalitySpec.NONE,
                packages,
                body));
    }

    static FunctionSpec of(Definition definition) {
        return new FunctionSpec(definition);
    }

    private static FunctionSpec create(Type payload, Object handler, Body body) {
        Objects.requireNonNull(payload, "payload");
        Type decoded = payload.equals(EventEnvelope.class) ? null : payload;
        String name = "on(" + (decoded == null ? "" : PayloadTypes.simpleName(decoded)) + ")";
        return new FunctionSpec(new Definition(
                name,
                List.of(),
                decoded,
                false,
                Effects.DATABASE,
                RetrySpec.UNSET,
                CausalitySpec.NONE,
                List.of((handler instanceof Silent<?> silent ? silent.handler() : handler)
                        .getClass()
                        .getPackageName()),
                body));
    }

    private static <E> PublishingHandler<E> returningNothing(Handler<E> handler) {
        return new Silent<>(handler);
    }

    /** A record, not a lambda, so that the user's handler and its package stay visible. */
    private record Silent<E>(Handler<E> handler) implements PublishingHandler<E> {
        @Override
        public @Nullable Object handle(E event, Delivery delivery) throws Exception {
            handler.handle(event, delivery);
            return null;
        }
    }
}

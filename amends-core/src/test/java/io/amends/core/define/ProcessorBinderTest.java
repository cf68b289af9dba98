package io.amends.core.define;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.Attempt;
import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.EventType;
import io.amends.api.Headers;
import io.amends.api.OnEvent;
import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.Retry;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.event.CodecException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProcessorBinderTest {
    private static final Attempt FIRST = new Attempt(1, 0, 0, 10);

    // ---- events -------------------------------------------------------------------------------------------------

    @EventType(value = "shop.order.paid", formerly = "shop.order.payed")
    record OrderPaid(String userId) {}

    record OrderCancelled(String userId) {}

    // ---- what annotations say -----------------------------------------------------------------------------------

    @EventProcessor(
            name = "points",
            key = "userId",
            concurrency = 3,
            batch = 7,
            slots = 9,
            startFrom = StartFrom.EARLIEST,
            formerly = "old-points",
            drops = "shop.gone")
    private static class Points {
        final List<Object> seen = new ArrayList<>();

        @OnEvent
        private Object on(OrderPaid paid, Attempt attempt, Headers headers, EventEnvelope envelope) {
            seen.addAll(List.of(paid, attempt, headers, envelope));
            return "published";
        }

        @OnEvent(name = "revoke", effects = Effects.OUTSIDE)
        void on(List<OrderCancelled> cancelled, List<EventEnvelope> envelopes, List<Headers> headers) {
            seen.addAll(List.of(cancelled, envelopes, headers));
        }

        @OnEvent({"raw.a", "raw.b"})
        void raw(Map<String, String> payload) throws IOException {
            throw new IOException("checked " + payload.get("text"));
        }

        @OnEvent("raw.c")
        void envelopeOnly(EventEnvelope envelope) {
            seen.add(envelope);
        }
    }

    @Test
    void everythingThatAnAnnotationSaysIsInTheDefinition() {
        ProcessorDefinition points = bind(new Points());

        assertThat(points.name()).isEqualTo("points");
        assertThat(points.keyPaths()).containsExactly("userId");
        assertThat(points.order()).isEqualTo(Order.KEY);
        assertThat(points.onFailure()).isEqualTo(OnFailure.PARK_KEY);
        assertThat(points.concurrency()).isEqualTo(3);
        assertThat(points.batch()).isEqualTo(7);
        assertThat(points.slots()).isEqualTo(9);
        assertThat(points.startFrom()).isEqualTo(StartFrom.EARLIEST);
        assertThat(points.formerly()).containsExactly("old-points");
        assertThat(points.drops()).containsExactly("shop.gone");
        assertThat(points.functionsByType())
                .containsExactly(
                        Map.entry(OrderCancelled.class.getName(), "revoke"),
                        Map.entry("raw.a", "raw(Map)"),
                        Map.entry("raw.b", "raw(Map)"),
                        Map.entry("raw.c", "envelopeOnly()"),
                        Map.entry("shop.order.paid", "on(OrderPaid)"),
                        Map.entry("shop.order.payed", "on(OrderPaid)"));
        FunctionDefinition revoke = function(points, "revoke");
        assertThat(revoke.batch()).isTrue();
        assertThat(revoke.effects()).isEqualTo(Effects.OUTSIDE);
        assertThat(revoke.packages()).containsExactly("io.amends.core.define");
        assertThat(function(points, "on(OrderPaid)").batch()).isFalse();
    }

    @Test
    void aPrivateMethodOfAPrivateClassGetsPayloadAttemptHeadersAndEnvelope() throws Throwable {
        Points points = new Points();
        HandlerFunction handler = function(bind(points), "on(OrderPaid)").handler();
        EventEnvelope event = event("shop.order.paid", "u1");

        Object returned = handler.invoke(List.of(new HandledEvent(event, handler.decode(event))), FIRST);

        assertThat(returned).isEqualTo("published");
        assertThat(points.seen).containsExactly(new OrderPaid("u1"), FIRST, event.headers(), event);
    }

    @Test
    void aBatchFunctionGetsListsInOrder() throws Throwable {
        Points points = new Points();
        HandlerFunction handler = function(bind(points), "revoke").handler();
        EventEnvelope first = event("x", "u1");
        EventEnvelope second = event("x", "u2");

        Object returned = handler.invoke(
                List.of(
                        new HandledEvent(first, handler.decode(first)),
                        new HandledEvent(second, handler.decode(second))),
                FIRST);

        assertThat(returned).isNull();
        assertThat(points.seen)
                .containsExactly(
                        List.of(new OrderCancelled("u1"), new OrderCancelled("u2")),
                        List.of(first, second),
                        List.of(first.headers(), second.headers()));
    }

    @Test
    void aCheckedExceptionComesOutAsItIs() {
        HandlerFunction handler = function(bind(new Points()), "raw(Map)").handler();
        EventEnvelope event = event("raw.a", "boom");
        HandledEvent handled = new HandledEvent(event, handler.decode(event));

        assertThatThrownBy(() -> handler.invoke(List.of(handled), FIRST))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("checked boom")
                .hasNoCause();
    }

    @Test
    void anEventWithoutPayloadReachesOnlyAFunctionThatTakesNone() throws Throwable {
        Points points = new Points();
        ProcessorDefinition definition = bind(points);
        EventEnvelope empty = new EventEnvelope(
                "1", "s", "raw.c", null, null, null, null, null, null, null, null, null, null, Headers.NONE);
        HandlerFunction envelopeOnly = function(definition, "envelopeOnly()").handler();

        envelopeOnly.invoke(List.of(new HandledEvent(empty, envelopeOnly.decode(empty))), FIRST);

        assertThat(points.seen).containsExactly(empty);
        HandlerFunction on = function(definition, "on(OrderPaid)").handler();
        assertThatThrownBy(() -> on.decode(empty))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("no payload");
    }

    @Test
    void defaultsFollowFromTheOrder() {
        ProcessorDefinition none =
                bind(ProcessorSpec.named("n").order(Order.NONE).on(OrderPaid.class, (e, d) -> {}));
        ProcessorDefinition all = bind(ProcessorSpec.named("a").order(Order.ALL).on(OrderPaid.class, (e, d) -> {}));
        ProcessorDefinition key = bind(ProcessorSpec.named("k").on(OrderPaid.class, (e, d) -> {}));

        assertThat(none.onFailure()).isEqualTo(OnFailure.CONTINUE);
        assertThat(all.onFailure()).isEqualTo(OnFailure.STOP);
        assertThat(key.onFailure()).isEqualTo(OnFailure.PARK_KEY);
        assertThat(List.of(none.slots(), all.slots(), key.slots())).containsExactly(128, 1, 128);
        assertThat(List.of(key.concurrency(), key.batch())).containsExactly(16, 1);
    }

    // ---- retry --------------------------------------------------------------------------------------------------

    @EventProcessor(name = "retry")
    @Retry(maxRetries = 5, minBackoff = 7, recoverable = IOException.class, unrecoverable = IllegalStateException.class)
    static class Retrying {
        @OnEvent
        @Retry(
                minBackoff = 0,
                jitter = 0.5,
                recoverable = IllegalStateException.class,
                unrecoverable = FileNotFoundException.class)
        void near(OrderPaid paid) {}

        @OnEvent
        @Retry(enabled = false)
        void off(OrderCancelled cancelled) {}
    }

    @Test
    void numbersFallBackValueByValueAndListsMergeNearestFirst() {
        ProcessorDefinition definition = bind(new Retrying());
        FunctionDefinition near = function(definition, "near(OrderPaid)");

        assertThat(near.policy())
                .isEqualTo(
                        new RetryPolicy(true, 5, Duration.ZERO, Duration.ofSeconds(33), Duration.ofSeconds(600), 0.5));
        // The class calls IllegalStateException unrecoverable; the function's word replaces that.
        assertThat(near.rules().recoverable()).containsExactly(IllegalStateException.class, IOException.class);
        assertThat(near.rules().unrecoverable()).containsExactly(FileNotFoundException.class);
    }

    @Test
    void anyLevelCanSwitchRetriesOff() {
        assertThat(function(bind(new Retrying()), "off(OrderCancelled)")
                        .policy()
                        .enabled())
                .isFalse();
        ProcessorSpec spec = ProcessorSpec.named("p")
                .retry(RetrySpec.UNSET.withoutRetries())
                .function(FunctionSpec.of(OrderPaid.class, (e, d) -> {}).retry(RetrySpec.UNSET.withMaxRetries(3)));
        assertThat(bind(spec).functions().get(0).policy().enabled()).isFalse();
        assertThat(bind(spec).functions().get(0).policy().maxRetries()).isEqualTo(3);
    }

    // ---- inheritance --------------------------------------------------------------------------------------------

    abstract static class Synchronizer<S> {
        final List<Object> seen = new ArrayList<>();

        @OnEvent
        void on(S snapshot) {
            seen.add(snapshot);
        }

        @OnEvent("list")
        void all(List<? extends S> snapshots) {
            seen.addAll(snapshots);
        }
    }

    @EventProcessor(name = "users")
    static class Users extends Synchronizer<OrderPaid> {}

    @Test
    void anInheritedFunctionTakesTheTypeThatTheSubclassPutIn() throws Throwable {
        Users users = new Users();
        ProcessorDefinition definition = bind(users);
        FunctionDefinition on = function(definition, "on(OrderPaid)");
        EventEnvelope event = event("shop.order.paid", "u");

        on.handler().invoke(List.of(new HandledEvent(event, on.handler().decode(event))), FIRST);

        assertThat(on.eventTypes()).containsExactly("shop.order.paid", "shop.order.payed");
        assertThat(function(definition, "all(OrderPaid)").batch()).isTrue();
        assertThat(users.seen).containsExactly(new OrderPaid("u"));
    }

    @EventProcessor(name = "users")
    static class Overriding extends Synchronizer<OrderPaid> {
        @Override
        @OnEvent
        void on(OrderPaid snapshot) {
            seen.add("overridden");
        }
    }

    @Test
    void anOverrideCountsOnce() {
        assertThat(bind(new Overriding()).functions())
                .extracting(FunctionDefinition::name)
                .containsExactly("all(OrderPaid)", "on(OrderPaid)");
    }

    static class Plain {
        @OnEvent
        void on(OrderPaid paid) {}
    }

    @EventProcessor(name = "forgot")
    static class Forgetful extends Plain {
        @Override
        void on(OrderPaid paid) {}
    }

    @Test
    void anOverrideThatLostItsAnnotationIsAMistake() {
        assertMistakes(new Forgetful()).anySatisfy(m -> assertThat(m).contains("on()", "overrides an @OnEvent method"));
    }

    // ---- proxies ------------------------------------------------------------------------------------------------

    interface Contract {
        void on(OrderPaid paid);
    }

    @EventProcessor(name = "proxied")
    static class Proxied implements Contract {
        final List<Object> seen = new ArrayList<>();

        @OnEvent
        @Override
        public void on(OrderPaid paid) {
            seen.add(paid);
        }
    }

    @EventProcessor(name = "hidden")
    static class Hidden implements Contract {
        @Override
        public void on(OrderPaid paid) {}

        @OnEvent
        void other(OrderPaid paid) {}
    }

    @Test
    void aProxyOfInterfacesIsCalledThroughThem() throws Throwable {
        Proxied target = new Proxied();
        FunctionDefinition function =
                bindProxy(proxyOf(target), Proxied.class).functions().get(0);
        EventEnvelope event = event("x", "u");

        function.handler().invoke(List.of(new HandledEvent(event, new OrderPaid("u"))), FIRST);

        assertThat(target.seen).containsExactly("through the proxy", new OrderPaid("u"));
    }

    @Test
    void aMethodThatAProxyOfInterfacesDoesNotHaveIsAMistake() {
        assertThatThrownBy(() -> bindProxy(proxyOf(new Proxied()), Hidden.class))
                .hasMessageContaining("other(OrderPaid): not callable on")
                .hasMessageContaining("proxyTargetClass = true");
    }

    @EventProcessor(name = "sub")
    static class Target {
        @OnEvent
        void on(OrderPaid paid) {}

        @OnEvent
        private void secret(OrderCancelled cancelled) {}
    }

    static class Target$$Proxy extends Target {}

    @Test
    void aPrivateMethodOfASubclassProxyIsAMistakeSinceItWouldSeeNullFields() {
        assertThatThrownBy(() -> bindProxy(new Target$$Proxy(), Target.class))
                .isInstanceOfSatisfying(
                        InvalidDefinitionException.class,
                        e -> assertThat(e.mistakes())
                                .singleElement()
                                .asString()
                                .contains("secret(OrderCancelled): private method of a class that is proxied"));
    }

    // ---- in code ------------------------------------------------------------------------------------------------

    @Test
    void aProcessorInCodeCanDoWhatAnnotationsDo() throws Throwable {
        List<Object> seen = new ArrayList<>();
        ProcessorDefinition definition = bind(ProcessorSpec.named("points")
                .key("userId")
                .batch(20)
                .onFailure(OnFailure.CONTINUE)
                .startFrom(StartFrom.EARLIEST)
                .formerly("p")
                .drops("gone")
                .retry(RetrySpec.UNSET.withMinBackoff(Duration.ofSeconds(3)))
                .onPublishing(
                        OrderPaid.class,
                        (paid, delivery) -> Optional.of(paid.userId()
                                + delivery.attempt().number()
                                + delivery.headers().get("h")))
                .onBatch(
                        OrderCancelled.class,
                        (all, delivery) ->
                                seen.addAll(List.of(all, delivery.envelopes().size())))
                .function(FunctionSpec.of(EventEnvelope.class, (event, delivery) -> seen.add(event.type()))
                        .types("raw")
                        .named("raw events")
                        .effects(Effects.OUTSIDE)
                        .retry(RetrySpec.UNSET
                                .withRecoverable(List.of(IOException.class))
                                .withMaxBackoff(Duration.ofSeconds(9))
                                .withExecutionTimeout(Duration.ofSeconds(8))
                                .withJitter(1)))
                .function(FunctionSpec.ofGeneric(mapOfStrings(), (payload, delivery) -> payload)
                        .types("map")));

        assertThat(definition.functions())
                .extracting(FunctionDefinition::name)
                .containsExactly("on(OrderPaid)", "on(OrderCancelled)", "raw events", "on(Map)");
        assertThat(run(definition, "on(OrderPaid)", event("shop.order.paid", "u")))
                .isEqualTo(Optional.of("u1v"));
        run(definition, "on(OrderCancelled)", event("x", "u1"), event("x", "u2"));
        run(definition, "raw events", event("raw", "r"));
        assertThat(run(definition, "on(Map)", event("map", "m"))).isEqualTo(Map.of("text", "m"));
        assertThat(seen).containsExactly(List.of(new OrderCancelled("u1"), new OrderCancelled("u2")), 2, "raw");
        FunctionDefinition raw = function(definition, "raw events");
        assertThat(raw.policy())
                .isEqualTo(new RetryPolicy(
                        true, 44, Duration.ofSeconds(3), Duration.ofSeconds(8), Duration.ofSeconds(9), 1));
        assertThat(raw.rules().recoverable()).containsExactly(IOException.class);
        assertThat(raw.effects()).isEqualTo(Effects.OUTSIDE);
        assertThat(raw.packages()).containsExactly("io.amends.core.define");
        assertThat(function(definition, "on(OrderCancelled)").batch()).isTrue();
    }

    @Test
    void configuredPackagesReplaceThoseOfTheCode() {
        List<ProcessorDefinition> definitions = new ProcessorBinder(new TextCodec(), FALLBACK)
                .ownPackages(List.of("com.acme"))
                .add(new Users())
                .bind();

        assertThat(definitions.get(0).functions())
                .allSatisfy(f -> assertThat(f.packages()).containsExactly("com.acme"));
    }

    @Test
    void ruleMistakesNameTheFunction() {
        MethodRule rule = (type, method, onEvent) ->
                method.getName().equals("near") ? List.of("@Transactional: REQUIRES_NEW (expected: none)") : List.of();

        assertThatThrownBy(() -> new ProcessorBinder(new TextCodec(), FALLBACK)
                        .rule(rule)
                        .add(new Retrying())
                        .bind())
                .hasMessageContaining("near(OrderPaid): @Transactional: REQUIRES_NEW");
    }

    // ---- helpers ------------------------------------------------------------------------------------------------

    static final RetryPolicy FALLBACK =
            new RetryPolicy(true, 44, Duration.ofSeconds(11), Duration.ofSeconds(33), Duration.ofSeconds(600), 0.25);

    static ProcessorDefinition bind(Object processor) {
        return new ProcessorBinder(new TextCodec(), FALLBACK)
                .add(processor)
                .bind()
                .get(0);
    }

    private static ProcessorDefinition bindProxy(Object proxy, Class<?> userClass) {
        return new ProcessorBinder(new TextCodec(), FALLBACK)
                .add(proxy, userClass)
                .bind()
                .get(0);
    }

    private static Object proxyOf(Proxied target) {
        return Proxy.newProxyInstance(
                ProcessorBinderTest.class.getClassLoader(), new Class<?>[] {Contract.class}, (proxy, method, args) -> {
                    target.seen.add("through the proxy");
                    return method.invoke(target, args);
                });
    }

    private static org.assertj.core.api.ListAssert<String> assertMistakes(Object processor) {
        try {
            bind(processor);
        } catch (InvalidDefinitionException e) {
            return assertThat(e.mistakes());
        }
        return assertThat(List.<String>of());
    }

    private static Object run(ProcessorDefinition definition, String function, EventEnvelope... events)
            throws Throwable {
        HandlerFunction handler = function(definition, function).handler();
        return handler.invoke(
                Arrays.stream(events)
                        .map(e -> new HandledEvent(e, handler.decode(e)))
                        .toList(),
                FIRST);
    }

    private static FunctionDefinition function(ProcessorDefinition processor, String name) {
        FunctionDefinition function = processor.function(name);
        assertThat(function).as(name).isNotNull();
        return function;
    }

    private static EventEnvelope event(String type, String data) {
        return new EventEnvelope(
                "1",
                "s",
                type,
                null,
                null,
                "text/plain",
                data.getBytes(StandardCharsets.UTF_8),
                null,
                null,
                null,
                null,
                null,
                null,
                new Headers(Map.of("h", "v")));
    }

    private static java.lang.reflect.Type mapOfStrings() throws NoSuchMethodException {
        return Points.class.getDeclaredMethod("raw", Map.class).getGenericParameterTypes()[0];
    }
}

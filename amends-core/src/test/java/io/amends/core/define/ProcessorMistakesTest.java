package io.amends.core.define;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.Advances;
import io.amends.api.EntityEvents;
import io.amends.api.EntitySynchronizer;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.RequireVersion;
import io.amends.api.Retry;
import io.amends.api.RunAfter;
import io.amends.api.Sequenced;
import io.amends.api.SkipStale;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProcessorMistakesTest {
    record Buyer(String id, int age) {}

    record OrderPaid(String userId, Buyer buyer, List<String> items, Optional<String> coupon) {}

    record OrderView(String orderId) {}

    interface AnyOrder {}

    @EventType("shop.\u0000")
    record BadlyNamed(String userId) {}

    @EventProcessor(name = "bad name!", key = "user..id", slots = 5000, concurrency = 0, batch = -1, formerly = "")
    @Retry(maxRetries = 1001)
    static class Numbers {
        @OnEvent
        @Retry(jitter = 2, recoverable = IOException.class, unrecoverable = IOException.class)
        void on(OrderPaid paid) {}
    }

    @Test
    void everyMistakeIsReportedAtOnceWithValueExpectationAndPlace() {
        assertThat(mistakes(new Numbers(), new Signatures()))
                .anySatisfy(m -> assertThat(m).contains("name: \"bad name!\"", "letters, digits"))
                .anySatisfy(m -> assertThat(m).contains("formerly: \"\""))
                .anySatisfy(m -> assertThat(m).contains("slots: 5000 (expected: 1..1024)"))
                .anySatisfy(m -> assertThat(m).contains("concurrency: 0 (expected: 1..1000)"))
                .anySatisfy(m -> assertThat(m).contains("batch: -1 (expected: 1..1000)"))
                .anySatisfy(m -> assertThat(m).contains("key: \"user..id\""))
                .anySatisfy(m -> assertThat(m).contains("retry: maxRetries: 1001 (expected: 0..1000)"))
                .anySatisfy(m -> assertThat(m).contains("on(OrderPaid): retry: jitter: 2.0 (expected: 0..1)"))
                .anySatisfy(m -> assertThat(m).contains("java.io.IOException is recoverable and unrecoverable"))
                .anySatisfy(m -> assertThat(m).contains("processor signatures", "static method"))
                .allSatisfy(m -> assertThat(m).contains("(expected: ").doesNotContain("\u0000"));
    }

    @EventProcessor(name = "sequences")
    static class Sequences {
        @OnEvent
        @Sequenced(stream = "no good", version = "buyer", timeout = "1h")
        @RunAfter(causes = true, eventType = "a", key = "userId")
        @RunAfter(assumeHandledBefore = "yesterday", time = "age", probe = "missing")
        void on(OrderPaid paid) {}
    }

    @Test
    void sequencesCausesAndHistoryAreChecked() {
        assertThat(mistakes(new Sequences()))
                .anySatisfy(m -> assertThat(m).contains("stream: \"no good\"", "letters, digits"))
                .anySatisfy(m -> assertThat(m).contains("stream version: buyer is an object"))
                .anySatisfy(m -> assertThat(m).contains("sequenced no good: timeout: \"1h\"", "PT1H"))
                .anySatisfy(m -> assertThat(m).contains("runAfter: causes and an event"))
                .anySatisfy(m -> assertThat(m).contains("runAfter: neither an event nor causes"))
                .anySatisfy(m -> assertThat(m).contains("runAfter causes: key (expected: none)"))
                .anySatisfy(m -> assertThat(m).contains("assumeHandledBefore: \"yesterday\"", "2026-01-01T00:00:00Z"))
                .anySatisfy(m -> assertThat(m).contains("probe: missing", "returns boolean"))
                .allSatisfy(m -> assertThat(m).contains("(expected: "));
    }

    @EventProcessor(name = "signatures")
    static class Signatures {
        @OnEvent
        static void fixed(OrderPaid paid) {}

        @OnEvent("a")
        void extra(OrderPaid paid, String what) {}

        @OnEvent("b")
        void nothing(Void payload) {}

        @OnEvent
        void untyped() {}

        @OnEvent
        void map(Map<String, Object> payload) {}

        @OnEvent
        void open(AnyOrder order) {}

        @OnEvent("c")
        <T> void variable(T payload) {}

        @OnEvent("d")
        void mixed(List<OrderPaid> paid, EventEnvelope envelope) {}

        @OnEvent("e")
        void later(EventEnvelope envelope, OrderPaid paid) {}

        @OnEvent("f")
        CompletableFuture<OrderPaid> async(OrderPaid paid) {
            return CompletableFuture.completedFuture(paid);
        }

        @OnEvent("g")
        String text(OrderPaid paid) {
            return "";
        }

        @OnEvent("h")
        List<String> texts(OrderPaid paid) {
            return List.of();
        }

        @OnEvent("i")
        void badType(BadlyNamed event) {}

        @OnEvent
        void worse(BadlyNamed event) {}

        @Retry
        void lost(OrderPaid paid) {}
    }

    @Test
    void signaturesThatCanNotWorkAreMistakes() {
        assertThat(mistakes(new Signatures()))
                .anySatisfy(m -> assertThat(m).contains("fixed(OrderPaid): static method"))
                .anySatisfy(m -> assertThat(m).contains("extra(OrderPaid): parameter 2: java.lang.String"))
                .anySatisfy(m -> assertThat(m).contains("nothing(Void): payload: Void"))
                .anySatisfy(m -> assertThat(m).contains("untyped(): no event type"))
                .anySatisfy(m -> assertThat(m).contains("map(Map): no event type"))
                .anySatisfy(m -> assertThat(m).contains("open(AnyOrder): no event type"))
                .anySatisfy(m -> assertThat(m).contains("variable(T): payload: T"))
                .anySatisfy(m -> assertThat(m).contains("mixed(OrderPaid): parameter EventEnvelope in a batch"))
                .anySatisfy(m -> assertThat(m).contains("later(): parameter 2", "the payload is the first parameter"))
                .anySatisfy(m -> assertThat(m).contains("async(OrderPaid): returns", "nothing waits for it"))
                .anySatisfy(m -> assertThat(m).contains("text(OrderPaid): returns java.lang.String"))
                .anySatisfy(m -> assertThat(m).contains("texts(OrderPaid): returns java.util.List<java.lang.String>"))
                .anySatisfy(m -> assertThat(m).contains("worse(BadlyNamed): event type: \"shop.\ufffd\""))
                .anySatisfy(m -> assertThat(m).contains("@Retry on lost()"))
                .hasSize(14);
    }

    @EventProcessor(name = "streams")
    static class Streams {
        @OnEvent("a")
        @SkipStale(stream = "no spaces", version = "age")
        void badName(OrderPaid paid) {}

        @OnEvent("b")
        @SkipStale(stream = "user")
        @Advances(stream = "user")
        void twice(OrderPaid paid) {}

        @OnEvent("c")
        @SkipStale(stream = "user", key = "buyer", version = "buyer..age", epoch = "era")
        void paths(OrderPaid paid) {}

        @OnEvent("d")
        @SkipStale(stream = "user", key = "buyer.id", version = "buyer.age")
        @Advances(stream = "order", key = "userId", version = "buyer.age", epoch = "buyer.age")
        void fine(OrderPaid paid) {}

        @SkipStale(stream = "user")
        @Advances(stream = "order")
        void notAFunction(OrderPaid paid) {}
    }

    @Test
    void declarationsAboutStreamsAreCheckedAllAtOnce() {
        assertThat(mistakes(new Streams()))
                .anySatisfy(
                        m -> assertThat(m).contains("badName(OrderPaid): stream: \"no spaces\"", "1 to 100 letters"))
                .anySatisfy(m -> assertThat(m)
                        .contains(
                                "badName(OrderPaid): stream version: age", "expected: a property of one of OrderPaid"))
                .anySatisfy(m -> assertThat(m).contains("twice(OrderPaid): stream: user twice"))
                .anySatisfy(
                        m -> assertThat(m).contains("paths(OrderPaid): stream key: buyer is an object", "\"buyer.id\""))
                .anySatisfy(m -> assertThat(m).contains("paths(OrderPaid): stream version: \"buyer..age\""))
                .anySatisfy(m -> assertThat(m).contains("paths(OrderPaid): stream epoch: era"))
                .anySatisfy(m -> assertThat(m).contains("@SkipStale on notAFunction()", "no effect here"))
                .anySatisfy(m -> assertThat(m).contains("@Advances on notAFunction()"))
                .allSatisfy(m -> assertThat(m).contains("(expected: ").doesNotContain("fine("))
                .hasSize(8);
    }

    @EventProcessor(name = "synchronizer")
    static class Synchronizer<S> extends EntitySynchronizer<S, String> {
        @Override
        protected @Nullable String find(String key) {
            return null;
        }

        @Override
        protected String map(S snapshot, @Nullable String local) {
            return snapshot.toString();
        }

        @Override
        protected void create(String local) {}

        @Override
        protected void update(String local) {}

        @Override
        protected void delete(String local) {}
    }

    static class OfOrders extends Synchronizer<OrderPaid> {}

    @EntityEvents(value = "user!", version = "none")
    record Misnamed(String id) {}

    static class OfMisnamed extends Synchronizer<Misnamed> {}

    @Test
    void aSynchronizerNeedsASnapshotThatNamesItsEvents() {
        assertThat(mistakes(new OfOrders()))
                .anySatisfy(m -> assertThat(m).contains("OrderPaid: no @EntityEvents (expected: on the class)"));
        assertThat(mistakes(new OfMisnamed()))
                .anySatisfy(m -> assertThat(m).contains("stream: \"user!\""))
                .anySatisfy(m -> assertThat(m).contains("upsert: stream version: none"));
        assertThatThrownBy(() -> ProcessorSpec.named("p").synchronizing(OrderPaid.class, new OfOrders()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no @EntityEvents");
    }

    @Test
    void declarationsInCodeAreCheckedLikeAnnotations() {
        assertThat(mistakes(ProcessorSpec.named("p")
                        .function(FunctionSpec.of(OrderPaid.class, (paid, delivery) -> {})
                                .skipStale(StreamSpec.of("").version("none"))
                                .advances(StreamSpec.of("").epoch("a b")))))
                .anySatisfy(m -> assertThat(m).contains("on(OrderPaid): stream: \"\""))
                .anySatisfy(m -> assertThat(m).contains("stream:  twice"))
                .anySatisfy(m -> assertThat(m).contains("stream version: none"))
                .anySatisfy(m -> assertThat(m).contains("stream epoch: \"a b\""))
                .hasSize(5);
    }

    @Test
    void aClassWithoutTheAnnotationOrWithoutFunctionsIsAMistake() {
        assertThat(mistakes("text")).singleElement().asString().contains("java.lang.String: no @EventProcessor");
        assertThat(mistakes(ProcessorSpec.named("p")))
                .singleElement()
                .asString()
                .contains("no functions");
    }

    @Test
    void twoFunctionsForOneTypeOrOfOneNameAreMistakes() {
        assertThat(mistakes(ProcessorSpec.named("p")
                        .on(OrderPaid.class, (e, d) -> {})
                        .function(FunctionSpec.of(OrderView.class, (e, d) -> {})
                                .types(OrderPaid.class.getName())
                                .named("on(OrderPaid)"))))
                .anySatisfy(m -> assertThat(m).contains("event type: " + OrderPaid.class.getName(), "in one function"))
                .anySatisfy(m -> assertThat(m).contains("function name: on(OrderPaid) twice"))
                .hasSize(2);
    }

    @Test
    void aNameBelongsToOneProcessorOnlyAlsoAFormerOne() {
        assertThat(mistakes(
                        named("a").formerly("b"),
                        named("b"),
                        named("a"),
                        named("c").formerly("c")))
                .anySatisfy(m -> assertThat(m).contains("processor b: name: b is also a name of processor a"))
                .anySatisfy(m -> assertThat(m).contains("processor a: name: a is also a name of processor a"))
                .anySatisfy(m -> assertThat(m).contains("formerly: c (expected: another name"))
                .hasSize(3);
    }

    @Test
    void ordersAndSettingsThatContradictEachOtherAreMistakes() {
        assertThat(mistakes(
                        named("a").order(Order.ALL).slots(2),
                        named("b").order(Order.NONE).key("userId"),
                        named("c").order(Order.NONE).onFailure(OnFailure.PARK_KEY),
                        named("d").drops(OrderPaid.class.getName()),
                        named("e").order(Order.ALL).slots(1)))
                .anySatisfy(m -> assertThat(m).contains("processor a: slots: 2 with order = ALL"))
                .anySatisfy(m -> assertThat(m).contains("processor b: key: [userId] with order = NONE"))
                .anySatisfy(m -> assertThat(m).contains("processor c: onFailure: PARK_KEY"))
                .anySatisfy(m -> assertThat(m).contains("processor d: drops: " + OrderPaid.class.getName()))
                .hasSize(4);
    }

    @Test
    void namesAndNumbersInCodeAreChecked() {
        assertThat(mistakes(
                        named("x".repeat(101)),
                        named("f")
                                .function(FunctionSpec.of(OrderView.class, (e, d) -> {})
                                        .named("a\nb")),
                        named("t")
                                .function(FunctionSpec.of(OrderView.class, (e, d) -> {})
                                        .types("x".repeat(256))),
                        named("r").retry(RetrySpec.UNSET.withMinBackoff(Duration.ofDays(8))),
                        named("k").key("userId", "userId")))
                .anySatisfy(m -> assertThat(m).contains("name: \"xxx", "1 to 100"))
                .anySatisfy(m -> assertThat(m).contains("function name: \"a\ufffdb\""))
                .anySatisfy(m -> assertThat(m).contains("event type: \"xxx", "1 to 255 bytes"))
                .anySatisfy(m -> assertThat(m).contains("minBackoff: PT192H (expected: PT0S..PT168H)"))
                .anySatisfy(m -> assertThat(m).contains("each path once"))
                .hasSize(5);
    }

    @Test
    void aKeyPathThatNoEventClassHasIsAMistake() {
        assertThat(mistakes(named("a").key("userid")))
                .singleElement()
                .asString()
                .contains("key: userid (expected: a property of one of OrderPaid)");
        assertThat(mistakes(named("a").key("buyer.name"))).hasSize(1);
        assertThat(mistakes(named("a").key("userId.x"))).hasSize(1);
    }

    @Test
    void aKeyPathToAnObjectOrArrayIsAMistake() {
        assertThat(mistakes(named("a").key("buyer")))
                .singleElement()
                .asString()
                .contains("key: buyer is an object or array in OrderPaid", "\"buyer.id\"");
        assertThat(mistakes(named("a").key("items"))).hasSize(1);
    }

    @Test
    void aKeyPathThatSomeEventHasOrThatCanNotBeCheckedIsFine() {
        assertThat(mistakes(named("a").key("buyer.id"))).isEmpty();
        assertThat(mistakes(named("a").key("buyer.age", "coupon"))).isEmpty();
        assertThat(mistakes(named("a").key("userId").on(OrderView.class, (e, d) -> {})))
                .isEmpty();
        assertThat(mistakes(ProcessorSpec.named("raw")
                        .key("anything.at.all")
                        .function(FunctionSpec.of(Map.class, (e, d) -> {}).types("m"))
                        .function(FunctionSpec.of(byte[].class, (e, d) -> {}).types("b"))
                        .function(FunctionSpec.of(EventEnvelope.class, (e, d) -> {})
                                .types("e"))))
                .isEmpty();
    }

    @Test
    void aBatchFunctionOfAProcessorWithoutBatchesIsFine() {
        assertThat(mistakes(ProcessorSpec.named("b").onBatch(OrderView.class, (all, d) -> {})))
                .isEmpty();
    }

    @Test
    void theExceptionListsEveryMistakeOnALineOfItsOwn() {
        assertThatThrownBy(() -> ProcessorBinderTest.bind(ProcessorSpec.named("")))
                .isInstanceOf(InvalidDefinitionException.class)
                .hasMessageStartingWith("2 mistakes in event processors:\n  - processor : name: \"\"");
    }

    private static ProcessorSpec named(String name) {
        return ProcessorSpec.named(name).on(OrderPaid.class, (e, d) -> {});
    }

    private static List<String> mistakes(Object... processors) {
        ProcessorBinder binder = new ProcessorBinder(new TextCodec(), ProcessorBinderTest.FALLBACK);
        for (Object processor : processors) {
            binder.add(processor);
        }
        try {
            binder.bind();
            return List.of();
        } catch (InvalidDefinitionException e) {
            return e.mistakes();
        }
    }

    record First(String id, String parent) {}

    record Second(String id) {}

    record Third(String id) {}

    record Stranger(String id) {}

    @EventProcessor(name = "circle")
    static class Circle {
        @OnEvent
        @RunAfter(event = Third.class, key = "id")
        void on(First event) {}

        @OnEvent
        @RunAfter(event = First.class, key = "id")
        void on(Second event) {}

        @OnEvent
        @RunAfter(event = Second.class, key = "id")
        void on(Third event) {}
    }

    @EventProcessor(name = "early")
    static class Early {
        @OnEvent
        @RunAfter(event = First.class, key = "parent", eventKey = "id")
        void on(First event) {}

        @OnEvent
        @RunAfter(event = Stranger.class, key = "id")
        @RunAfter(event = First.class, processor = "nowhere", key = "id")
        @RunAfter(
                event = First.class,
                key = {"id", "id2"},
                eventKey = "id",
                when = "a b",
                timeout = "soon")
        @RequireVersion(stream = "region", atLeast = "region")
        @RunAfter(event = First.class, key = "id", when = "idd")
        void on(Second event) {}

        @OnEvent
        @RunAfter(event = First.class, key = "id")
        void on(List<Third> events) {}
    }

    @Test
    void whatCanNeverBeDoneIsToldAtStart() {
        String circle = "circle: " + First.class.getName() + " -> circle: " + Third.class.getName() + " -> circle: "
                + Second.class.getName() + " -> circle: " + First.class.getName();
        assertThat(mistakes(new Circle()))
                .singleElement()
                .satisfies(m -> assertThat(m).contains(circle, "(expected: no cycle)"));
        assertThat(mistakes(new Early()))
                .anySatisfy(m -> assertThat(m).contains(Stranger.class.getName(), "has no function for it"))
                .anySatisfy(m -> assertThat(m).contains("processor nowhere (expected: one of early)"))
                .anySatisfy(m -> assertThat(m).contains("eventKey: 1 paths (expected: as many as in key, 2)"))
                .anySatisfy(m -> assertThat(m).contains("key: id2 (expected: a property of"))
                .anySatisfy(m -> assertThat(m).contains("when: \"a b\""))
                .anySatisfy(m -> assertThat(m).contains("when: idd (expected: a property of"))
                .anySatisfy(m -> assertThat(m).contains("timeout: \"soon\" (expected: an ISO 8601 duration"))
                .anySatisfy(m -> assertThat(m).contains("nothing in processor early advances the stream"))
                .anySatisfy(m -> assertThat(m).contains("atLeast: region (expected: a property of"))
                .anySatisfy(m -> assertThat(m).contains("on a batch function"))
                .noneSatisfy(m -> assertThat(m).contains("no cycle"));
    }
}

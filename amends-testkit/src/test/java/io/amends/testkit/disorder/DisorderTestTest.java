package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import io.amends.api.EventKey;
import io.amends.api.OnFailure;
import io.amends.api.OutgoingEvent;
import io.amends.api.RetryPolicy;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.define.StreamSpec;
import io.amends.testkit.memory.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DisorderTestTest {

    record Set(@EventKey String key, int value) {}

    record Note(@EventKey String key, String text) {}

    /** Keeps the last value of each key that comes, and all notes. */
    private static final class Registers {
        private final Sandbox sandbox;
        private final Table<String, Integer> values;

        Registers(Sandbox sandbox) {
            this.sandbox = sandbox;
            values = sandbox.database().table("values");
        }

        ProcessorSpec lastWins() {
            return ProcessorSpec.named("last-wins")
                    .on(Set.class, (set, delivery) -> values.put(set.key(), set.value()))
                    .on(Note.class, (note, delivery) -> values.put(note.text(), 1));
        }

        ProcessorSpec publishing() {
            return ProcessorSpec.named("publishing")
                    .onPublishing(Set.class, (set, delivery) -> new Note(set.key(), "set " + set.value()));
        }

        Object state() {
            return values.rows();
        }

        List<Object> published() {
            return sandbox.published();
        }
    }

    @Test
    void manyEventsAreSampledAndShrunkToThePair() {
        DisorderReport report = many().explore();

        System.out.printf("== sampled: %d ms, %,d histories/s%n", report.took().toMillis(), report.rate());
        assertThat(report.all()).isFalse();
        Divergence found = found(report);
        assertThat(found.events()).containsExactly(new Set("a", 1), new Set("a", 2));
        assertThat(found.order()).containsExactly(1, 0);
    }

    @Test
    void manyEventsWhoseOrderDoesNotMatterPass() {
        DisorderTest<Registers> test =
                DisorderTest.of(Registers::new).processor(Registers::lastWins).state(Registers::state);
        for (int i = 0; i < 20; i++) {
            test.events(new Set("k" + i, i));
        }

        DisorderReport report = test.samples(300).explore();

        assertThat(report.passed()).isTrue();
        assertThat(report.text())
                .contains("a sample of")
                .contains("orders of 20 events")
                .contains("seed 1");
    }

    @Test
    void aCaseThatNeedsMoreEventsThanAllOrdersArePlayedOfIsStraightened() {
        // It takes all four, with the last before the second, to end elsewhere.
        DisorderTest<List<Object>> test = DisorderTest.<List<Object>>of(sandbox -> new ArrayList<>())
                .processor(seen -> ProcessorSpec.named("chain").on(Set.class, (set, delivery) -> seen.add(set.value())))
                .state(seen -> seen.size() == 4 && seen.indexOf(3) < seen.indexOf(1))
                .crashes(false)
                .exhaustiveUpTo(2)
                .samples(200);
        for (int i = 0; i < 4; i++) {
            test.events(new Set("k" + i, i));
        }

        Divergence found = found(test.explore());

        assertThat(found.events()).hasSize(4);
        assertThat(found.order()).containsSubsequence(3, 1);
    }

    @Test
    void theSameSeedGivesTheSameReport() {
        assertThat(many().seed(7).explore().text())
                .isEqualTo(many().seed(7).explore().text());
        assertThat(many().seed(7).explore().histories())
                .isEqualTo(many().seed(7).explore().histories());
    }

    @Test
    void verifyFailsWithTheReport() {
        assertThatThrownBy(many()::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("t1 > t2")
                .hasMessageContaining("m1  Set[key=a, value=1]");
    }

    @Test
    void effectsOutsideTheTransactionAreFoundByACrash() {
        DisorderReport report = DisorderTest.<List<String>>of(sandbox -> new ArrayList<>())
                .processor(mails -> ProcessorSpec.named("mails")
                        .function(FunctionSpec.of(Note.class, (note, delivery) -> mails.add(note.text()))
                                .effects(Effects.OUTSIDE)))
                .state(mails -> mails.stream().sorted().toList())
                .events(new Note("a", "hello"), new Note("b", "bye"))
                .explore();

        Divergence found = found(report);
        assertThat(found.events()).containsExactly(new Note("a", "hello"));
        assertThat(found.cause()).isEqualTo(Cause.NOT_ROLLED_BACK);
        assertThat(report.text()).contains("m1  [hello]  (crash before the commit, rolled back)");
    }

    private static DisorderReport counting(Duplicates duplicates, UnaryOperator<FunctionSpec> declared) {
        return DisorderTest.of(sandbox -> sandbox.database().<String, Integer>table("count"))
                .processor(count -> ProcessorSpec.named("count")
                        .function(declared.apply(FunctionSpec.of(
                                Set.class, (set, delivery) -> count.update(set.key(), n -> n == null ? 1 : n + 1)))))
                .state(Table::rows)
                .duplicates(duplicates)
                .events(new Set("a", 1), new Set("b", 2))
                .explore();
    }

    @Test
    void anEventThatComesTwiceReachesAFunctionThatRunsAtLeastOnce() {
        UnaryOperator<FunctionSpec> outside = function -> function.effects(Effects.OUTSIDE);

        Divergence found = found(counting(Duplicates.AS_IN_ENGINE, outside));

        assertThat(found.cause()).isEqualTo(Cause.NOT_IDEMPOTENT);
        assertThat(found.events()).hasSize(1);
        assertThat(counting(Duplicates.DROPPED, outside).passed()).isTrue();
    }

    @Test
    void anEventThatComesTwiceReachesAFunctionThatTakesAnEqualVersionAgain() {
        StreamSpec values = StreamSpec.of("values").version("value");

        assertThat(found(counting(Duplicates.AS_IN_ENGINE, function -> function.skipStale(values.acceptEqual())))
                        .cause())
                .isEqualTo(Cause.NOT_IDEMPOTENT);
        assertThat(counting(Duplicates.AS_IN_ENGINE, function -> function.skipStale(values))
                        .passed())
                .isTrue();
    }

    @Test
    void anEventThatComesTwiceIsDroppedUnlessTheTestSaysOtherwise() {
        assertThat(counting(Duplicates.AS_IN_ENGINE).passed()).isTrue();
        assertThat(counting(Duplicates.DROPPED).passed()).isTrue();

        DisorderReport report = counting(Duplicates.HANDLED);

        assertThat(found(report).cause()).isEqualTo(Cause.NOT_IDEMPOTENT);
        assertThat(found(report).events()).hasSize(1);
        assertThat(report.text()).contains("m1  2  = CW  (the same event again)");
    }

    private static DisorderReport counting(Duplicates duplicates) {
        return DisorderTest.of(sandbox -> sandbox.database().<String, Integer>table("count"))
                .processor(count -> ProcessorSpec.named("count")
                        .on(Set.class, (set, delivery) -> count.update("all", n -> n == null ? 1 : n + 1)))
                .state(count -> count.get("all"))
                .duplicates(duplicates)
                .events(new Set("a", 1), new Set("b", 2))
                .explore();
    }

    @Test
    void aRetryThatLaterEventsOvertakeBreaksTheOrderOfItsKey() {
        assertThat(overtaken(OnFailure.PARK_KEY).passed()).isTrue();

        Divergence found = found(overtaken(OnFailure.CONTINUE));

        assertThat(found.events()).hasSize(2);
        assertThat(found.order()).containsExactly(0, 1, 0);
    }

    private static DisorderReport overtaken(OnFailure onFailure) {
        return DisorderTest.of(Registers::new)
                .processor(registers -> registers.lastWins().onFailure(onFailure))
                .state(Registers::state)
                .perKeyOrderFromOneSource("registers", new Set("a", 1), new Set("a", 2), new Set("b", 1))
                .explore();
    }

    @Test
    void anEventThatCanNeverBeHandledAfterAnotherOneIsFound() {
        DisorderReport report = DisorderTest.of(sandbox -> sandbox.database().<String, Integer>table("values"))
                .processor(values -> ProcessorSpec.named("strict").on(Set.class, (set, delivery) -> {
                    Integer old = values.get(set.key());
                    if (old != null && old > set.value()) {
                        throw new IOException("late");
                    }
                    values.put(set.key(), set.value());
                }))
                .state(Table::rows)
                .events(new Set("a", 1), new Set("a", 2))
                .explore();

        Divergence found = found(report);
        assertThat(found.stuck()).containsExactly(0);
        assertThat(found.cause()).isEqualTo(Cause.NEVER_SUCCEEDS);
        assertThat(report.text()).contains("m1 never succeeds").contains("(throws IOException: late)");
    }

    @Test
    void publishedEventsMayBeAPartOfTheState() {
        DisorderTest<Registers> test = DisorderTest.of(Registers::new)
                .processor(Registers::publishing)
                .state(Registers::published)
                .events(new Set("a", 1), new Set("b", 2));

        Divergence found = found(test.explore());

        assertThat(found.expected()).isEqualTo(List.of(new Note("a", "set 1"), new Note("b", "set 2")));
        assertThat(found.reached()).isEqualTo(List.of(new Note("b", "set 2"), new Note("a", "set 1")));
    }

    @Test
    void keysMayBePathsIntoThePayload() {
        record Item(String buyer, int amount) {}
        record Bought(Item item) {}
        DisorderReport report = DisorderTest.of(sandbox -> sandbox.database().<String, Integer>table("sum"))
                .processor(sum -> ProcessorSpec.named("sum").key("item.buyer").on(Bought.class, (bought, delivery) -> {
                    if (bought.item().amount() > 5 && sum.get(bought.item().buyer()) == null) {
                        throw new IllegalStateException("too much at first");
                    }
                    sum.put(bought.item().buyer(), 1);
                }))
                .state(Table::rows)
                .events(
                        new Bought(new Item("anna", 1)),
                        new Bought(new Item("bert", 1)),
                        new Bought(new Item("anna", 9)))
                .explore();

        assertThat(found(report).stuck()).containsExactly(1, 0);
    }

    @Test
    void definitionsComeWithTheirCodec() {
        PayloadObjects codec = new PayloadObjects();
        DisorderReport report = DisorderTest.of(Registers::new)
                .processor(registers -> new ProcessorBinder(codec, RetryPolicy.DEFAULT)
                        .add(registers.lastWins())
                        .bind()
                        .get(0))
                .codec(codec)
                .state(Registers::state)
                .events(OutgoingEvent.of(new Set("a", 1)).withKey("other"), new Set("b", 1))
                .explore();

        assertThat(report.passed()).isTrue();
    }

    @Test
    void handlersMayTakeTheEnvelopeAlone() {
        List<String> keys = new ArrayList<>();
        DisorderTest.of(Registers::new)
                .processor(registers -> ProcessorSpec.named("envelopes")
                        .function(FunctionSpec.of(
                                        EventEnvelope.class,
                                        (event, delivery) -> keys.add(event.id() + " " + event.key()))
                                .types("set")))
                .state(Registers::state)
                .crashes(false)
                .events(OutgoingEvent.of(new Set("a", 1)).withType("set"))
                .verify();

        assertThat(keys).isNotEmpty().containsOnly("m1 a");
    }

    @Test
    void eventsThatCanNotBeHandledInOrderAreRefused() {
        DisorderTest<Registers> test = DisorderTest.of(Registers::new)
                .processor(registers -> ProcessorSpec.named("no").on(Set.class, (set, delivery) -> {
                    throw new IOException("never");
                }))
                .state(Registers::state)
                .events(new Set("a", 1));

        assertThatThrownBy(test::verify)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("can not be handled in order")
                .hasRootCauseMessage("never");
    }

    @Test
    void aStateThatDependsOnMoreThanTheEventsIsRefused() {
        AtomicInteger shared = new AtomicInteger();
        DisorderTest<Registers> test = DisorderTest.of(Registers::new)
                .processor(registers ->
                        ProcessorSpec.named("shared").on(Set.class, (set, delivery) -> shared.incrementAndGet()))
                .state(registers -> shared.get())
                .events(new Set("a", 1));

        assertThatThrownBy(test::verify)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the same order gives 1 and then 2");
    }

    @Test
    void incompleteTestsAreRefused() {
        DisorderTest<Registers> test = DisorderTest.of(Registers::new).processor(Registers::publishing);
        assertThatThrownBy(test::verify)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("state: none");

        test.state(Registers::state);
        assertThatThrownBy(test::verify).hasMessageContaining("events: 0 (expected: 1..100)");

        test.events(new Note("a", "x"));
        assertThatThrownBy(test::verify)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("processor publishing has no function for " + Note.class.getName());

        assertThatThrownBy(() -> test.exhaustiveUpTo(9)).hasMessageContaining("exhaustiveUpTo: 9 (expected: 1..8)");
    }

    private static DisorderTest<Registers> many() {
        return DisorderTest.of(Registers::new)
                .processor(Registers::lastWins)
                .state(Registers::state)
                .events(
                        new Note("n", "1"),
                        new Note("n", "2"),
                        new Note("n", "3"),
                        new Note("n", "4"),
                        new Set("a", 1),
                        new Note("n", "5"),
                        new Note("n", "6"),
                        new Set("b", 1),
                        new Note("n", "7"),
                        new Set("a", 2),
                        new Note("n", "8"),
                        new Note("n", "9"));
    }

    private static Divergence found(DisorderReport report) {
        Divergence divergence = report.divergence();
        if (divergence == null) {
            throw new AssertionError(report.text());
        }
        return divergence;
    }
}

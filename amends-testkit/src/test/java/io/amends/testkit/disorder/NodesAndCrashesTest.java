package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.Wait;
import io.amends.testkit.disorder.Delivered.What;
import io.amends.testkit.disorder.Shop.OrderPaid;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.memory.Table;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Histories in which events come to another instance of the processor, and in which what waits is hit by a crash. */
@Timeout(60)
class NodesAndCrashesTest {

    /** Remembers in a field who is known. */
    @EventProcessor(name = "known-in-memory")
    static final class KnownInMemory {
        private final Set<String> known = new HashSet<>();
        private final Table<String, Integer> paid;

        KnownInMemory(Sandbox sandbox) {
            paid = sandbox.database().table("paid");
        }

        @OnEvent
        void on(UserCreated event) {
            known.add(event.id());
        }

        @OnEvent
        void on(OrderPaid event) {
            if (known.contains(event.userId())) {
                paid.put(event.orderId(), event.amount());
            }
        }

        Map<String, Integer> paid() {
            return paid.rows();
        }
    }

    private static DisorderTest<KnownInMemory> knownInMemory() {
        return DisorderTest.of(KnownInMemory::new)
                .state(KnownInMemory::paid)
                .perKeyOrderFromOneSource(
                        "shop",
                        new UserCreated("u1", 1, "Anna"),
                        new OrderPaid("u1", "o1", 5),
                        new OrderPaid("u1", "o2", 2));
    }

    @Test
    void whatAHandlerKeepsInAFieldIsMissedByTheOtherInstance() {
        DisorderReport report = knownInMemory().explore();

        Divergence found = found(report);
        assertThat(found.cause()).isEqualTo(Cause.KEPT_IN_MEMORY);
        assertThat(found.events()).hasSize(2);
        assertThat(found.order()).containsExactly(0, 1);
        assertThat(found.inDisorder()).extracting(Delivered::node).containsExactlyInAnyOrder(0, 1);
        assertThat(report.text()).contains("(on another node)").contains("Do not keep state in fields");
    }

    @Test
    void oneNodeAloneMayBeChosen() {
        assertThat(knownInMemory().twoNodes(false).explore().passed()).isTrue();
    }

    @Test
    void aNodeThatTakesOverAfterACrashIsPlayedWithoutOtherFaults() {
        List<List<Step>> histories = Fault.TAKE_OVER.histories(new int[] {1, 0}, 1);

        assertThat(histories)
                .containsExactly(
                        List.of(
                                new Step(1, Step.Kind.CRASHED),
                                new Step(1, Step.Kind.HANDLED, 1),
                                new Step(0, Step.Kind.HANDLED, 1)),
                        List.of(
                                new Step(1, Step.Kind.HANDLED),
                                new Step(0, Step.Kind.CRASHED),
                                new Step(0, Step.Kind.HANDLED, 1)));
    }

    @Test
    void aFactoryThatGivesOneProcessorForAllIsPlayedOnOneNode() {
        Sandbox shared = new Sandbox();
        KnownInMemory bean = new KnownInMemory(shared);

        DisorderReport report = DisorderTest.of(sandbox -> bean)
                .state(known -> "nothing")
                .events(new UserCreated("u1", 1, "Anna"))
                .explore();

        assertThat(report.passed()).isTrue();
        assertThat(report.text()).contains("with a crash in each.").doesNotContain("two nodes");
    }

    /** Guards in a field against being woken twice: a crash after that loses the event. */
    @EventProcessor(name = "guarded-in-memory")
    static final class GuardedInMemory {
        private final Set<String> early = new HashSet<>();
        private final Set<String> woken = new HashSet<>();
        private final Table<String, Integer> points;

        GuardedInMemory(Sandbox sandbox) {
            points = sandbox.database().table("points");
        }

        @OnEvent
        void on(UserCreated event) {
            points.put(event.id(), 0);
        }

        @OnEvent
        void on(OrderPaid event) {
            Integer before = points.get(event.userId());
            if (before == null) {
                early.add(event.orderId());
                throw Wait.forNext();
            }
            if (!early.contains(event.orderId()) || woken.add(event.orderId())) {
                points.put(event.userId(), before + event.amount());
            }
        }

        Map<String, Integer> points() {
            return points.rows();
        }
    }

    @Test
    void aCrashOfARunThatAWaitWokeIsPlayed() {
        DisorderTest<GuardedInMemory> test = DisorderTest.of(GuardedInMemory::new)
                .state(GuardedInMemory::points)
                .events(new UserCreated("u1", 1, "Anna"), new OrderPaid("u1", "o1", 5));

        Divergence found = found(test.explore());

        assertThat(found.cause()).isEqualTo(Cause.NOT_ROLLED_BACK);
        assertThat(found.inDisorder())
                .extracting(Delivered::what)
                .containsExactly(What.WAITING, What.HANDLED, What.CRASHED, What.WOKEN);
        assertThat(test.crashes(false).twoNodes(false).explore().passed()).isTrue();
    }

    /** Counts each order once, also if it had to wait. */
    @EventProcessor(name = "once")
    static final class Once {
        private final Table<String, Integer> points;
        private final Table<String, Integer> seen;
        private final boolean remembers;

        Once(Sandbox sandbox, boolean remembers) {
            points = sandbox.database().table("points");
            seen = sandbox.database().table("seen");
            this.remembers = remembers;
        }

        @OnEvent
        void on(UserCreated event) {
            if (points.get(event.id()) == null) {
                points.put(event.id(), 0);
            }
        }

        @OnEvent
        void on(OrderPaid event) {
            Integer before = points.get(event.userId());
            if (before == null) {
                seen.put("early " + event.orderId(), 1);
                throw Wait.forNext();
            }
            if (!remembers || seen.get(event.orderId()) == null) {
                points.put(event.userId(), before + event.amount());
            }
            seen.put(event.orderId(), 1);
        }

        Map<String, Integer> points() {
            return points.rows();
        }
    }

    private static DisorderReport twice(boolean remembers) {
        return DisorderTest.of(sandbox -> new Once(sandbox, remembers))
                .state(Once::points)
                .duplicates(Duplicates.HANDLED)
                .events(new UserCreated("u1", 1, "Anna"), new OrderPaid("u1", "o1", 5))
                .explore();
    }

    @Test
    void anEventThatComesAgainWhileTheFirstWaitsWaitsToo() {
        assertThat(twice(true).passed()).as(twice(true).text()).isTrue();
        assertThat(found(twice(false)).cause()).isEqualTo(Cause.NOT_IDEMPOTENT);
    }

    @Test
    void whatAnEarlyRunWroteIsRolledBack() {
        DisorderReport report = DisorderTest.of(sandbox -> new Once(sandbox, true))
                .state(once -> once.seen.rows())
                .events(new UserCreated("u1", 1, "Anna"), new OrderPaid("u1", "o1", 5))
                .explore();

        assertThat(report.passed()).as(report.text()).isTrue();
    }

    private static Divergence found(DisorderReport report) {
        Divergence divergence = report.divergence();
        if (divergence == null) {
            throw new AssertionError(report.text());
        }
        return divergence;
    }
}

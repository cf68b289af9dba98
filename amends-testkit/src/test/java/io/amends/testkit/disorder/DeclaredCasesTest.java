package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.RequireVersion;
import io.amends.api.Retry;
import io.amends.api.RunAfter;
import io.amends.api.SkipStale;
import io.amends.api.Wait;
import io.amends.testkit.disorder.Shop.OrderCancelled;
import io.amends.testkit.disorder.Shop.OrderPaid;
import io.amends.testkit.disorder.Shop.RegionChanged;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.memory.Table;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The cases in which an event comes too early, with the declarations that cure them. */
@Timeout(60)
class DeclaredCasesTest {

    /** Points by user, and what was paid by order. */
    private abstract static class Points {
        final Table<String, Integer> points;
        final Table<String, Integer> paid;

        Points(Sandbox sandbox) {
            points = sandbox.database().table("points");
            paid = sandbox.database().table("paid");
        }

        Map<String, Integer> scores() {
            return points.rows();
        }

        void add(String user, int amount) {
            points.update(user, old -> (old == null ? 0 : old) + amount);
        }
    }

    @EventProcessor(name = "waiting-for-users")
    @Retry(waitOn = NoSuchElementException.class)
    static final class WaitOn extends Points {
        WaitOn(Sandbox sandbox) {
            super(sandbox);
        }

        @OnEvent
        void on(UserCreated event) {
            points.put(event.id(), 0);
        }

        @OnEvent
        void on(OrderPaid event) {
            if (points.get(event.userId()) == null) {
                throw new NoSuchElementException(event.userId());
            }
            add(event.userId(), event.amount());
        }
    }

    @Test
    void anEventWaitsForItsEntity() {
        passes(
                WaitOn::new,
                new UserCreated("u1", 1, "Anna"),
                new OrderPaid("u1", "o1", 5),
                new OrderPaid("u1", "o2", 2));
    }

    @EventProcessor(name = "waiting-in-code")
    static final class InCode extends Points {
        InCode(Sandbox sandbox) {
            super(sandbox);
        }

        @OnEvent
        void on(UserCreated event) {
            points.put(event.id(), 0);
        }

        @OnEvent
        Object on(OrderPaid event) {
            if (points.get(event.userId()) == null) {
                return Wait.forNext();
            }
            add(event.userId(), event.amount());
            return List.of();
        }
    }

    @Test
    void aHandlerMayReturnThatItIsTooEarly() {
        passes(
                InCode::new,
                new UserCreated("u1", 1, "Anna"),
                new OrderPaid("u1", "o1", 5),
                new OrderPaid("u1", "o2", 2));
    }

    @EventProcessor(name = "cancelled-after-paid")
    static final class CancelledAfterPaid extends Points {
        CancelledAfterPaid(Sandbox sandbox) {
            super(sandbox);
        }

        @OnEvent
        void on(OrderPaid event) {
            paid.put(event.orderId(), event.amount());
            add(event.userId(), event.amount());
        }

        @OnEvent
        @RunAfter(event = OrderPaid.class, key = "orderId")
        void on(OrderCancelled event) {
            Integer amount = paid.get(event.orderId());
            if (amount != null) {
                add(event.userId(), -amount);
            }
        }
    }

    @Test
    void whatIsCancelledWaitsForItsPayment() {
        passes(
                CancelledAfterPaid::new,
                new OrderPaid("u1", "o1", 10),
                new OrderPaid("u1", "o2", 3),
                new OrderCancelled("u1", "o1"),
                new OrderPaid("u1", "o3", 2),
                new OrderCancelled("u1", "o3"));
    }

    @Test
    void aWaitForAnEventThatIsNotThereIsSaidBeforeAnythingElse() {
        assertThatThrownBy(() -> passes(CancelledAfterPaid::new, new OrderCancelled("u1", "o1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("can not be handled in order")
                .hasMessageContaining("waits for");
    }

    @EventProcessor(name = "versions-of-regions")
    static final class Regions extends Points {
        private final Table<String, Long> versions;

        Regions(Sandbox sandbox) {
            super(sandbox);
            versions = sandbox.database().table("versions");
        }

        @OnEvent
        @SkipStale(stream = "region", version = "regionVersion")
        void on(RegionChanged event) {
            versions.put(event.userId(), event.regionVersion());
            points.put(event.userId(), 0);
        }

        @OnEvent
        @RequireVersion(stream = "region", atLeast = "userRegionVersion")
        void on(OrderPaid event) {
            Long now = versions.get(event.userId());
            if (now != null && now == event.userRegionVersion()) {
                add(event.userId(), event.amount());
            }
        }
    }

    @Test
    void aPaymentWaitsForItsRegionAndOneOfTheOldRegionDoesNotCount() {
        DisorderReport report = DisorderTest.of(Regions::new)
                .state(Points::scores)
                .events(
                        new RegionChanged("u1", "north", 1),
                        new OrderPaid("u1", "o1", 10, 1),
                        new RegionChanged("u1", "south", 2),
                        new OrderPaid("u1", "o2", 5, 2))
                .explore();
        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.orders()).isEqualTo(24);
    }

    /** What the report of the late half of case 4 proposes, over a handler that compares nothing. */
    @EventProcessor(name = "as-proposed")
    static final class AsProposed extends Points {
        AsProposed(Sandbox sandbox) {
            super(sandbox);
        }

        @OnEvent
        @SkipStale(stream = "region", version = "regionVersion")
        void on(RegionChanged event) {
            points.put(event.userId(), 0);
        }

        @OnEvent
        @RequireVersion(stream = "region", atLeast = "userRegionVersion")
        @SkipStale(stream = "region", version = "userRegionVersion", acceptEqual = true)
        void on(OrderPaid event) {
            if (paid.get(event.orderId()) == null) {
                paid.put(event.orderId(), event.amount());
                add(event.userId(), event.amount());
            }
        }
    }

    @Test
    void whatTheReportProposesForTheOldRegionIsEnough() {
        passes(
                AsProposed::new,
                new RegionChanged("u1", "north", 1),
                new OrderPaid("u1", "o1", 10, 1),
                new RegionChanged("u1", "south", 2),
                new OrderPaid("u1", "o2", 5, 2));
        passes(AsProposed::new, new OrderPaid("u1", "o1", 10, 1), new RegionChanged("u1", "south", 2));
    }

    /** Waits for an event that is skipped as stale in one order: nothing brings it then. */
    @EventProcessor(name = "endless")
    static final class Endless extends Points {
        Endless(Sandbox sandbox) {
            super(sandbox);
        }

        @OnEvent
        @SkipStale(stream = "region", version = "regionVersion")
        void on(RegionChanged event) {
            if (points.get(event.userId()) == null) {
                points.put(event.userId(), 0);
            }
        }

        @OnEvent
        Object on(OrderPaid event) {
            return points.get(event.userId()) == null ? Wait.until(Wait.version("region", "other", 1)) : List.of();
        }
    }

    @Test
    void aWaitThatNeverEndsIsFoundAndSaysWhatItWaitsFor() {
        DisorderReport report = DisorderTest.of(Endless::new)
                .state(Points::scores)
                .events(new RegionChanged("u1", "north", 1), new OrderPaid("u1", "o1", 10, 1))
                .explore();
        assertThat(report.passed()).isFalse();
        assertThat(report.text())
                .contains("m2  {}  (too early: waits for version 1 of region/other in processor endless)")
                .contains(
                        "m2 waits for version 1 of region/other in processor endless, for ever. No event given brings it: give"
                                + " the test the event that does, with a function that moves region");
    }

    @Test
    void anEventThatIsDeclaredTwiceIsToldFromOneThatComesTwice() {
        OrderPaid paid = new OrderPaid("u1", "o1", 10);
        DisorderReport report = DisorderTest.<Points>of(Between::new)
                .state(Points::scores)
                .events(paid, new UserCreated("u1", 1, "Anna"), paid)
                .explore();
        assertThat(report.text())
                .contains("m1 and m3 are equal, but two events to the test")
                .contains("duplicates(Duplicates.HANDLED)");
    }

    /** Looks whether the user came between two payments, and is right in order for each one or two of the three. */
    @EventProcessor(name = "between")
    static final class Between extends Points {
        Between(Sandbox sandbox) {
            super(sandbox);
        }

        @OnEvent
        void on(UserCreated event) {
            paid.put("at", paid.get("n") == null ? 0 : paid.get("n"));
        }

        @OnEvent
        void on(OrderPaid event) {
            paid.update("n", old -> (old == null ? 0 : old) + 1);
            Integer at = paid.get("at");
            Integer n = paid.get("n");
            if (at != null && n != null && n == 2) {
                points.put("between", at);
            }
        }
    }

    private static void passes(Function<Sandbox, ? extends Points> factory, Object... events) {
        DisorderReport report = DisorderTest.<Points>of(factory)
                .state(Points::scores)
                .events(events)
                .explore();
        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.all()).isTrue();
    }
}

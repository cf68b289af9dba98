package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.Advances;
import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.RequireVersion;
import io.amends.api.RunAfter;
import io.amends.testkit.disorder.Shop.OrderPaid;
import io.amends.testkit.disorder.Shop.RegionChanged;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.memory.Table;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several processors handle the same events side by side. */
@Timeout(60)
class ProcessorsTest {

    /** The tables that both processors share. */
    private static final class Shared {
        private final Table<String, String> regions;
        private final Table<String, Integer> points;

        Shared(Sandbox sandbox) {
            regions = sandbox.database().table("regions");
            points = sandbox.database().table("points");
        }

        void add(OrderPaid event) {
            if (regions.get(event.userId()) != null) {
                points.update(event.userId(), old -> (old == null ? 0 : old) + event.amount());
            }
        }

        Map<String, Integer> points() {
            return points.rows();
        }

        Regions regionsProcessor() {
            return new Regions(this);
        }

        NaivePoints naive() {
            return new NaivePoints(this);
        }

        Points declared() {
            return new Points(this);
        }
    }

    @EventProcessor(name = "regions")
    static final class Regions {
        private final Shared shared;

        Regions(Shared shared) {
            this.shared = shared;
        }

        @OnEvent
        @Advances(stream = "region", version = "regionVersion")
        void on(RegionChanged event) {
            shared.regions.put(event.userId(), event.region());
        }
    }

    @EventProcessor(name = "points")
    static final class NaivePoints {
        private final Shared shared;

        NaivePoints(Shared shared) {
            this.shared = shared;
        }

        @OnEvent
        void on(OrderPaid event) {
            shared.add(event);
        }
    }

    @EventProcessor(name = "points")
    static final class Points {
        private final Shared shared;

        Points(Shared shared) {
            this.shared = shared;
        }

        @OnEvent
        @RequireVersion(processor = "regions", stream = "region", atLeast = "userRegionVersion")
        void on(OrderPaid event) {
            shared.add(event);
        }
    }

    private static DisorderTest<Shared> shop() {
        return DisorderTest.of(Shared::new)
                .state(Shared::points)
                .events(
                        new RegionChanged("u1", "north", 1),
                        new OrderPaid("u1", "o1", 5),
                        new OrderPaid("u1", "o2", 2));
    }

    @Test
    void whatOneProcessorNeedsOfAnotherIsFoundAndTold() {
        DisorderReport report =
                shop().processors(Shared::regionsProcessor, Shared::naive).explore();

        Divergence found = found(report);
        assertThat(report.processor()).isEqualTo("regions, points");
        assertThat(found.cause()).isEqualTo(Cause.VERSION_NEEDED);
        assertThat(found.order()).containsExactly(1, 0);
        assertThat(found.inDisorder()).extracting(Delivered::processor).containsExactly("points", "regions");
        assertThat(report.text())
                .startsWith("Order matters: processors \"regions\" and \"points\" end in another state")
                .contains("m2  {}  (changes nothing)  (points)")
                .contains(
                        "@RequireVersion(processor = \"regions\", stream = \"region\", atLeast = \"userRegionVersion\")");
    }

    @Test
    void aNeedThatIsDeclaredIsMetByTheOtherProcessor() {
        DisorderReport report =
                shop().processors(Shared::regionsProcessor, Shared::declared).explore();

        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.text())
                .contains("processors \"regions\" and \"points\" end in the same state")
                .contains("also at different paces, with a crash in each and on two nodes");
    }

    @Test
    void aNeedOfAProcessorThatIsNotThereIsRefused() {
        DisorderTest<Shared> test = DisorderTest.of(Shared::new)
                .processor(Shared::declared)
                .state(Shared::points)
                .events(new OrderPaid("u1", "o1", 5));

        assertThatThrownBy(test::verify)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("processor points needs what processor regions has done before " + OrderPaid.class.getName()
                        + ", and that one is not part of the test (expected: one of points); give it too with"
                        + " processors(…), or say that it is always ahead with takenAsDone(\"regions\")");
        assertThatCode(test.takenAsDone("regions")::verify).doesNotThrowAnyException();
    }

    @Test
    void twoProcessorsOfOneNameAreRefused() {
        assertThatThrownBy(shop().processors(Shared::naive, Shared::declared)::verify)
                .hasMessageContaining("points");
    }

    /** Says who is known. */
    @EventProcessor(name = "known")
    static final class Known {
        private final Table<String, String> known;

        Known(Sandbox sandbox) {
            known = sandbox.database().table("known");
        }

        @OnEvent
        void on(UserCreated event) {
            known.put(event.id(), event.name());
        }
    }

    /** Greets who is known. */
    @EventProcessor(name = "greetings")
    static class Greetings {
        final Table<String, String> known;
        final Table<String, String> greeted;

        Greetings(Sandbox sandbox) {
            known = sandbox.database().table("known");
            greeted = sandbox.database().table("greeted");
        }

        @OnEvent
        void on(UserCreated event) {
            greet(event);
        }

        final void greet(UserCreated event) {
            String name = known.get(event.id());
            greeted.put(event.id(), name == null ? "who?" : "hello " + name);
        }
    }

    @EventProcessor(name = "greetings")
    static final class LateGreetings extends Greetings {
        LateGreetings(Sandbox sandbox) {
            super(sandbox);
        }

        @Override
        @OnEvent
        @RunAfter(processor = "known", event = UserCreated.class, key = "id")
        void on(UserCreated event) {
            greet(event);
        }
    }

    private record Two(Known known, Greetings greetings) {
        Map<String, String> greeted() {
            return greetings.greeted.rows();
        }
    }

    @Test
    void eachProcessorGoesAtItsOwnPaceThroughTheSameEvent() {
        DisorderReport naive = DisorderTest.of(sandbox -> new Two(new Known(sandbox), new Greetings(sandbox)))
                .processors(Two::known, Two::greetings)
                .state(Two::greeted)
                .perKeyOrderFromOneSource("shop", new UserCreated("u1", 1, "Anna"))
                .explore();

        assertThat(found(naive).cause()).isEqualTo(Cause.OTHER_PROCESSOR);
        assertThat(naive.text())
                .contains("m1 is handled by processor \"greetings\" before processor \"known\" has done m1")
                .contains("@RunAfter(processor = \"known\", event = UserCreated.class, key = \"id\")");

        DisorderReport declared = DisorderTest.of(sandbox -> new Two(new Known(sandbox), new LateGreetings(sandbox)))
                .processors(Two::known, Two::greetings)
                .state(Two::greeted)
                .perKeyOrderFromOneSource("shop", new UserCreated("u1", 1, "Anna"), new UserCreated("u2", 1, "Bert"))
                .explore();

        assertThat(declared.passed()).as(declared.text()).isTrue();
    }

    @Test
    void aSourceKeepsTheOrderOfEventsAndNotThatOfProcessors() {
        Divergence found = found(DisorderTest.of(Shared::new)
                .processors(Shared::regionsProcessor, Shared::naive)
                .state(Shared::points)
                .perKeyOrderFromOneSource("shop", new RegionChanged("u1", "north", 1), new OrderPaid("u1", "o1", 5))
                .explore());

        assertThat(found.cause()).isEqualTo(Cause.OTHER_PROCESSOR);
        assertThat(found.inDisorder()).extracting(Delivered::processor).containsExactly("points", "regions");
    }

    private static Divergence found(DisorderReport report) {
        Divergence divergence = report.divergence();
        if (divergence == null) {
            throw new AssertionError(report.text());
        }
        return divergence;
    }
}

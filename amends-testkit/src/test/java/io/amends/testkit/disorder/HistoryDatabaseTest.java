package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.OnEvent;
import io.amends.api.OutgoingEvent;
import io.amends.api.RetryPolicy;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a disorder test does with a database that is not its own. */
class HistoryDatabaseTest {
    record Added(String what) {}

    /** One list as a database: a transaction that throws restores it. */
    private static final class ListDatabase implements HistoryDatabase, EventPublisher {
        final List<String> rows = new ArrayList<>();
        final List<Object> published = new ArrayList<>();
        final List<String> calls = new ArrayList<>();
        boolean refuses;

        @Override
        public void check() {
            calls.add("check");
            if (refuses) {
                throw new IllegalStateException("not a test's");
            }
        }

        @Override
        public void reset() {
            calls.add("reset");
            rows.clear();
            published.clear();
        }

        @Override
        public void inTransaction(Runnable work) {
            List<String> before = List.copyOf(rows);
            try {
                work.run();
            } catch (RuntimeException e) {
                rows.clear();
                rows.addAll(before);
                throw e;
            }
        }

        @Override
        public EventPublisher publisher() {
            return this;
        }

        @Override
        public void publish(Object event) {
            published.add(event);
        }

        @Override
        public void publish(OutgoingEvent event) {
            published.add(event.payload());
        }

        @Override
        public void publishNow(Object event) {
            published.add(event);
        }
    }

    @EventProcessor(name = "adding")
    record Adding(ListDatabase database, boolean sorted) {
        @OnEvent
        Object on(Added event) {
            database.rows.add(event.what());
            if (sorted) {
                database.rows.sort(null);
            }
            return new Added(event.what() + "!");
        }
    }

    private final ListDatabase database = new ListDatabase();
    private final PayloadObjects codec = new PayloadObjects();

    private DisorderTest<ProcessorDefinition> test(boolean sorted) {
        ProcessorDefinition processor = new ProcessorBinder(codec, RetryPolicy.DEFAULT)
                .add(new Adding(database, sorted))
                .bind()
                .getFirst();
        return DisorderTest.on(database, processor)
                .codec(codec)
                .events(new Added("a"), new Added("b"), new Added("c"))
                .state(tested -> List.of(List.copyOf(database.rows), database.published.size()));
    }

    @Test
    void playsEachHistoryFromTheStateBefore() {
        DisorderReport report = test(true).crashes(false).explore();
        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.histories()).isEqualTo(2 + 1 + 6);
        assertThat(database.calls.getFirst()).isEqualTo("check");
        assertThat(database.calls.stream().filter("reset"::equals)).hasSize(2 + 1 + 6 + 1);
        assertThat(database.rows).isEmpty();
    }

    @Test
    void findsWhatDependsOnTheOrder() {
        DisorderReport report = test(false).explore();
        assertThat(report.passed()).isFalse();
        assertThat(report.text()).contains("m1", "m2").doesNotContain("m3");
    }

    @Test
    void touchesNothingWhereItMayNot() {
        database.refuses = true;
        database.rows.add("precious");
        DisorderTest<?> test = test(true);
        assertThatThrownBy(test::verify).hasMessage("not a test's");
        assertThat(database.calls).containsExactly("check");
        assertThat(database.rows).containsExactly("precious");
    }

    @Test
    void aDatabaseThatDoesNotRunTheWorkIsToldSo() {
        ListDatabase lazy = new ListDatabase();
        HistoryDatabase never = new HistoryDatabase() {
            @Override
            public void check() {}

            @Override
            public void reset() {}

            @Override
            public void inTransaction(Runnable work) {}

            @Override
            public EventPublisher publisher() {
                return lazy;
            }
        };
        assertThatThrownBy(() -> new Ground.Real(never).inTransaction(() -> "x"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not run");
    }
}

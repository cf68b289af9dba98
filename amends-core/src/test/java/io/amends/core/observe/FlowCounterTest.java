package io.amends.core.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.failure.FailureReason;
import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowCounterTest {
    private final FlowCounter counter = new FlowCounter();

    @Test
    void countsByStageAndProcessorAndBeginsAnew() {
        counter.published("order.paid", 3);
        counter.relayed(2, 1, 0);
        counter.leftOutbox(Duration.ofMillis(3), List.of(Duration.ofMillis(1), Duration.ofMillis(30)));
        counter.leftInbox("points", Duration.ofMillis(7));
        counter.handled("points", "on", Duration.ofMillis(2));
        counter.failed("points", "on", FailureReason.HANDLER_FAILED);
        counter.failed("points", "on", FailureReason.HANDLER_FAILED);
        counter.retried("points", "on", false);
        counter.retried("points", "on", true);
        counter.skipped("points", "on");
        counter.stale("mail", "on");
        counter.parked("mail");
        counter.waiting("mail", "on");
        counter.released("mail");

        List<FlowDelta> taken = taken();
        assertThat(taken)
                .extracting(delta -> delta.stage() + " " + delta.processor())
                .containsExactly("OUTBOX null", "TRANSPORT null", "INBOX points", "HANDLED mail", "HANDLED points");
        assertThat(taken.get(0).numbers().count(FlowCount.EVENTS)).isEqualTo(3);
        assertThat(taken.get(0).numbers().times().count()).isEqualTo(2);
        assertThat(taken.get(0).numbers().times().longest()).isEqualTo(Duration.ofMillis(30));
        assertThat(taken.get(1).numbers().counts()).containsOnlyKeys(FlowCount.EVENTS, FlowCount.DUPLICATES);
        assertThat(taken.get(2).numbers().times().mean()).isEqualTo(Duration.ofMillis(7));
        assertThat(taken.get(3).numbers().counts())
                .containsOnlyKeys(FlowCount.STALE, FlowCount.PARKED, FlowCount.WAITED, FlowCount.RELEASED);
        assertThat(taken.get(4).numbers().count(FlowCount.FAILED)).isEqualTo(2);
        assertThat(taken.get(4).numbers().count(FlowCount.FAILED_AGAIN)).isEqualTo(1);
        assertThat(taken.get(4).numbers().count(FlowCount.RETRIED)).isEqualTo(1);
        assertThat(taken()).isEmpty();
    }

    @Test
    void losesNoCountWhileItIsRead() throws Exception {
        int each = 20_000;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int n = 0; n < each; n++) {
                    counter.handled("points", "on", Duration.ofMillis(1));
                }
            }));
        }
        long events = 0;
        long times = 0;
        boolean running = true;
        while (running) {
            running = threads.stream().anyMatch(Thread::isAlive);
            for (FlowDelta delta : taken()) {
                events += delta.numbers().count(FlowCount.EVENTS);
                times += delta.numbers().times().count();
            }
        }

        assertThat(events).isEqualTo(4L * each);
        assertThat(times).isEqualTo(4L * each);
    }

    private List<FlowDelta> taken() {
        return counter.take().stream().map(one -> one.aged(Duration.ZERO)).toList();
    }
}

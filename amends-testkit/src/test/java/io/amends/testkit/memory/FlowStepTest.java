package io.amends.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowLevel;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import io.amends.core.flow.FlowStage;
import io.amends.core.observe.FlowCounter;
import io.amends.core.observe.FlowStep;
import io.amends.core.store.Store;
import io.amends.core.store.StoreUnavailableException;
import io.amends.testkit.time.VirtualClock;
import io.amends.testkit.time.VirtualLoop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowStepTest {
    private final VirtualClock clock = new VirtualClock();
    private final VirtualLoop loop = new VirtualLoop(clock, 1);
    private final InMemoryStore memory = new InMemoryStore(clock);
    private final FlowCounter counter = new FlowCounter();
    private boolean away;
    private boolean losesReplies;
    private final Store store =
            (Store) Proxy.newProxyInstance(Store.class.getClassLoader(), new Class<?>[] {Store.class}, this::invoke);
    private final FlowStep step = new FlowStep(store, "node-1", counter, loop.conductor("node-1"), Duration.ofDays(1));

    private Object invoke(Object proxy, Method verb, Object[] arguments) throws Throwable {
        if (away) {
            throw new StoreUnavailableException(verb.getName(), null);
        }
        try {
            Object answer = verb.invoke(memory, arguments);
            if (losesReplies) {
                throw new StoreUnavailableException(verb.getName(), null);
            }
            return answer;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Test
    void countsOfAnOutageAreWrittenIntoTheMinutesInWhichTheyWereMade() {
        away = true;
        Instant began = clock.instant();
        for (int minute = 0; minute < 3; minute++) {
            counter.handled("points", "on", Duration.ofMillis(1));
            assertThatThrownBy(step::run).isInstanceOf(StoreUnavailableException.class);
            clock.advance(Duration.ofMinutes(1));
        }
        away = false;
        step.run();

        List<FlowPoint> handled = handled();
        assertThat(handled)
                .extracting(point -> point.numbers().count(FlowCount.EVENTS))
                .startsWith(1L, 1L, 1L);
        assertThat(handled.getFirst().at()).isEqualTo(FlowLevel.beginning(began, Duration.ofMinutes(1)));
    }

    @Test
    void whatIsWrittenAgainAfterALostReplyCountsOnce() {
        counter.handled("points", "on", Duration.ofMillis(1));
        losesReplies = true;
        assertThatThrownBy(step::run).isInstanceOf(StoreUnavailableException.class);
        losesReplies = false;
        counter.handled("points", "on", Duration.ofMillis(1));
        step.run();
        step.run();

        assertThat(handled().stream().mapToLong(point -> point.numbers().count(FlowCount.EVENTS)))
                .containsExactly(2L);
    }

    @Test
    void whatCanNotBeWrittenForTooLongIsDroppedOldestFirst() {
        away = true;
        for (int batch = 0; batch < 125; batch++) {
            counter.handled("points", "on", Duration.ofMillis(1));
            assertThatThrownBy(step::run).isInstanceOf(StoreUnavailableException.class);
        }
        away = false;
        step.run();

        assertThat(handled().stream().mapToLong(point -> point.numbers().count(FlowCount.EVENTS)))
                .containsExactly(120L);
    }

    private List<FlowPoint> handled() {
        return new InMemoryOperatorStore(memory)
                        .flow(new FlowSearch(
                                FlowLevel.MINUTE,
                                Duration.ofMinutes(1),
                                Instant.EPOCH,
                                clock.instant().plusSeconds(1),
                                "points",
                                true))
                        .stream()
                        .filter(point -> point.stage() == FlowStage.HANDLED)
                        .toList();
    }
}

package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventKey;
import io.amends.api.EventVersion;
import io.amends.api.OnFailure;
import io.amends.api.OnTimeout;
import io.amends.api.Wait;
import io.amends.core.define.DependencySpec;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.define.RetrySpec;
import io.amends.core.define.StreamSpec;
import io.amends.testkit.memory.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may run, who waits and what is done: as the engine has it. */
@Timeout(60)
class EngineRulesTest {
    record Begun(@EventKey String key, String id) {}

    record Ended(@EventKey String key, String id) {}

    record Note(@EventKey String key, String id) {}

    record Changed(@EventKey String key, @EventVersion long version, String id, long part) {}

    record UsesPart(@EventKey String key, long part) {}

    /** What was handled, by key, in order. */
    private static final class Log {
        private final Table<String, List<String>> lines;

        Log(Sandbox sandbox) {
            lines = sandbox.database().table("lines");
        }

        void add(String key, String line) {
            lines.update(key, old -> {
                List<String> all = new ArrayList<>(old == null ? List.of() : old);
                all.add(line);
                return List.copyOf(all);
            });
        }

        boolean has(String key, String line) {
            List<String> all = lines.get(key);
            return all != null && all.contains(line);
        }

        Map<String, List<String>> lines() {
            return lines.rows();
        }

        FunctionSpec begun() {
            return FunctionSpec.of(Begun.class, (event, delivery) -> add(event.key(), "begun " + event.id()));
        }

        FunctionSpec ended() {
            return FunctionSpec.of(Ended.class, (event, delivery) -> add(event.key(), "ended " + event.id()))
                    .requires(DependencySpec.after(Begun.class).key("id"));
        }

        FunctionSpec note() {
            return FunctionSpec.of(Note.class, (event, delivery) -> add(event.key(), "note " + event.id()));
        }
    }

    /** Delivers the events in the order in which they are given. */
    private static Outcome played(Function<Log, ProcessorSpec> processor, Object... events) {
        return DisorderTest.of(Log::new)
                .processor(processor)
                .state(Log::lines)
                .events(events)
                .player()
                .trace(Search.straight(IntStream.range(0, events.length).toArray()));
    }

    private static ProcessorSpec begunAndEnded(Log log) {
        return ProcessorSpec.named("pairs").function(log.begun()).function(log.ended());
    }

    @Test
    void whatIsAwaitedInItsOwnLaneOvertakes() {
        Outcome outcome =
                played(EngineRulesTest::begunAndEnded, new Ended("a", "x"), new Begun("a", "y"), new Begun("a", "x"));

        assertThat(outcome.state()).isEqualTo(Map.of("a", List.of("begun x", "ended x", "begun y")));
    }

    @Test
    void whatIsAwaitedInAnotherLaneKeepsItsPlace() {
        Outcome outcome = played(
                EngineRulesTest::begunAndEnded,
                new Ended("b", "z"),
                new Ended("a", "y"),
                new Begun("b", "y"),
                new Begun("c", "z"));

        assertThat(outcome.state())
                .isEqualTo(
                        Map.of("a", List.of("ended y"), "b", List.of("ended z", "begun y"), "c", List.of("begun z")));
    }

    @Test
    void waitsThatHoldEachOtherByWayOfOtherLanesAreLetGo() {
        Outcome outcome = played(
                EngineRulesTest::begunAndEnded,
                new Ended("a", "y"),
                new Begun("a", "x"),
                new Ended("b", "x"),
                new Begun("b", "y"));

        assertThat(outcome.stuck()).isEmpty();
    }

    @Test
    void nothingOvertakesAFailedHandler() {
        Outcome outcome = played(
                log -> begunAndEnded(log).on(Note.class, (event, delivery) -> {
                    throw new IllegalStateException("never");
                }),
                new Note("a", "n"),
                new Ended("a", "x"),
                new Begun("a", "x"));

        assertThat(outcome.stuck()).containsExactly(0, 1, 2);
    }

    private static ProcessorSpec parts(Log log) {
        return ProcessorSpec.named("parts")
                .function(FunctionSpec.of(Changed.class, (event, delivery) -> log.add(event.key(), event.id()))
                        .skipStale(StreamSpec.of("entity"))
                        .advances(StreamSpec.of("part").version("part")))
                .function(log.begun())
                .function(FunctionSpec.of(UsesPart.class, (event, delivery) -> log.add(event.key(), "uses"))
                        .requires(DependencySpec.atLeast("part", "part")))
                .function(FunctionSpec.of(Note.class, (event, delivery) -> log.add(event.key(), "note"))
                        .requires(DependencySpec.after(Changed.class).key("id")));
    }

    @Test
    void aStaleEventCountsAsDoneForWhoWaitsForIt() {
        Outcome outcome = played(
                EngineRulesTest::parts,
                new Changed("a", 2, "second", 1),
                new Note("a", "first"),
                new Changed("a", 1, "first", 5),
                new UsesPart("a", 5));

        assertThat(outcome.stuck()).isEmpty();
        assertThat(outcome.state()).isEqualTo(Map.of("a", List.of("second", "note", "uses")));
    }

    @Test
    void whatIsSkippedAfterItsWaitCountsAsDone() {
        Outcome outcome = played(
                log -> ProcessorSpec.named("skipping")
                        .function(log.begun())
                        .function(FunctionSpec.of(Ended.class, (event, delivery) -> log.add(event.key(), "ended"))
                                .requires(DependencySpec.after(Begun.class)
                                        .key("id")
                                        .timeout(Duration.ofMinutes(5), OnTimeout.SKIP)))
                        .function(log.note()
                                .requires(DependencySpec.after(Ended.class).key("id"))),
                new Note("b", "x"),
                new Ended("a", "x"));

        assertThat(outcome.stuck()).isEmpty();
        assertThat(outcome.state()).isEqualTo(Map.of("b", List.of("note x")));
    }

    @Test
    void aWaitThatWasToProceedAndCanNotIsAFailedExecutionThatWaits() {
        Outcome outcome = played(
                log -> ProcessorSpec.named("stubborn")
                        .function(log.begun().tracks("id"))
                        .on(Note.class, (event, delivery) -> {
                            throw Wait.until(Wait.handled(Begun.class, "x")).onTimeout(OnTimeout.PROCEED);
                        }),
                new Note("a", "n"));

        assertThat(outcome.stuck()).containsExactly(0);
        assertThat(outcome.unended()).hasSize(1);
    }

    @Test
    void anEventThatAsksForWhatIsDoneAlreadyIsAFinding() {
        Outcome outcome = played(
                log -> ProcessorSpec.named("asking")
                        .function(log.begun().tracks("id"))
                        .on(Note.class, (event, delivery) -> {
                            throw Wait.until(Wait.handled(Begun.class, "x"));
                        }),
                new Begun("a", "x"),
                new Note("a", "n"));

        assertThat(outcome.stuck()).containsExactly(1);
    }

    private static ProcessorSpec insisting(Log log, RetrySpec retry) {
        return ProcessorSpec.named("insisting")
                .onFailure(OnFailure.CONTINUE)
                .function(log.begun())
                .function(FunctionSpec.of(Note.class, (event, delivery) -> {
                            if (!log.has(event.key(), "begun x")) {
                                throw new IllegalStateException("too early");
                            }
                            log.add(event.key(), "note");
                        })
                        .retry(retry));
    }

    @Test
    void aRetryMakesAFailureGoodThatLetOthersPass() {
        assertThat(insisted(RetrySpec.UNSET).stuck()).isEmpty();
    }

    @Test
    void whatNoRetryCuresAndWhatHasNoRetryIsAFinding() {
        assertThat(insisted(RetrySpec.UNSET.withUnrecoverable(List.of(IllegalStateException.class)))
                        .stuck())
                .containsExactly(0);
        assertThat(insisted(RetrySpec.UNSET.withMaxRetries(0)).stuck()).containsExactly(0);
    }

    private static Outcome insisted(RetrySpec retry) {
        return played(log -> insisting(log, retry), new Note("a", "n"), new Begun("a", "x"));
    }

    @Test
    void whoWaitsForWhateverComesNextIsWokenByItsKeyAlsoWithoutALane() {
        Outcome outcome = played(
                log -> insisting(log, RetrySpec.UNSET.withWaitOn(List.of(IllegalStateException.class))),
                new Note("a", "n"),
                new Begun("b", "y"),
                new Begun("a", "x"),
                new Begun("b", "z"));

        assertThat(outcome.trace())
                .extracting(Delivered::event)
                .as("at once, before anything else comes")
                .containsExactly(0, 1, 2, 0, 3);
    }
}

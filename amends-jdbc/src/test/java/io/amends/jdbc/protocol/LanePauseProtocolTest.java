package io.amends.jdbc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Refusal;
import io.amends.core.store.CursorMove;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.ParkResult;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A person pauses or resumes a lane while something of it runs, wakes, fails, or comes to it (design 7.5, 7.6). */
class LanePauseProtocolTest extends WaitStage {

    private static final Supplier<UnaryOperator<String>> RELEASING_WHAT_IS_PAUSED = () -> calling(variant(
            "lane_refresh", "lane_refresh_paused", body -> body.replace("may_run and l.paused_at is null", "may_run")));

    /** The same where an event leaves the lane. */
    private static final Supplier<UnaryOperator<String>> RELEASING_WHEN_ONE_LEAVES =
            () -> calling(variant("lane_remove", "lane_remove_paused", RELEASING_WHAT_IS_PAUSED.get()));

    /** A lane with an event that waits or runs, another one parked behind it, and a person. */
    private abstract static class PauseRace extends Race {
        private final boolean resumes;
        private @Nullable LaneChange changed;
        private long first;
        private long behind;

        PauseRace(boolean resumes) {
            this.resumes = resumes;
        }

        /** Begins with one event in the lane and one behind it; the lane is paused if it is to be resumed. */
        void beginWithTwo() throws SQLException {
            Scene now = begin();
            first = tried();
            behind = now.append("a", LANE);
            assertThat(store(pool).park(new CursorMove(now.claim, now.position, behind), LANE, at(behind), List.of()))
                    .isEqualTo(ParkResult.PARKED);
            now.position = behind;
            pauseFirstIfItResumes();
        }

        void pauseFirstIfItResumes() {
            changed = null;
            if (resumes) {
                assertThat(pause(pool)).isEqualTo(LaneChange.DONE);
            }
        }

        long first() {
            return first;
        }

        long behind() {
            return behind;
        }

        private LaneCommand command() {
            return new LaneCommand(scene().processor, LANE, "anna", "looks", null);
        }

        private LaneChange pause(DataSource dataSource) {
            return store(dataSource).pauseLane(command());
        }

        Interleavings.Session person() {
            return stepped -> changed = resumes ? store(stepped).resumeLane(command()) : pause(stepped);
        }

        /** Nothing of the lane may run until it is resumed. */
        void resumed() {
            assertThat(changed).isEqualTo(LaneChange.DONE);
            if (!resumes) {
                assertThat(next()).as("what may run of a paused lane").isEmpty();
                assertThat(released()).as("released, but paused").isEmpty();
                assertThat(store(pool).heldLanes(scene().claim))
                        .extracting(HeldLane::released)
                        .as("a paused lane's own mark")
                        .doesNotContain(true);
                assertThat(store(pool).resumeLane(command())).isEqualTo(LaneChange.DONE);
            }
        }

        List<HeldLane> released() {
            return store(pool).releasedLanes(scene().processor, List.of(scene().claim), 9);
        }

        Optional<Long> nextPosition() {
            return next().map(LaneEvent::event).map(event -> event.position());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatRunsEndsAndWhatIsBehindItRunsWhenTheLaneIsResumed(boolean resumes) throws Exception {
        Supplier<Interleavings.Case> race = () -> new PauseRace(resumes) {
            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                beginWithTwo();
                String effect = scene().name("effect");
                return List.of(
                        stepped -> handle(stepped, effect, "its run", tx -> tx.finish(fromLane(first()))), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(effects(scene().name("effect"))).isEqualTo(1);
                resumed();
                assertThat(nextPosition()).contains(behind());
                assertThat(released()).hasSize(1);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), resumes ? WITHOUT_THE_LANE : RELEASING_WHEN_ONE_LEAVES.get());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsWokenRunsWhenTheLaneIsResumed(boolean resumes) throws Exception {
        Supplier<Interleavings.Case> race = () -> new PauseRace(resumes) {
            private long waiting;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                FailureId cause = now.fail("cause", true);
                waiting = waitingInSlot(now, LANE, version(1), HOUR);
                pauseFirstIfItResumes();
                return List.of(does(cause, 1), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                resumed();
                assertThat(nextPosition()).contains(waiting);
                assertThat(released()).hasSize(1);
            }
        };
        holdsInSample(race.get(), EACH);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatFailsHoldsTheLaneAndIsTriedWhenItIsResumed(boolean resumes) throws Exception {
        Supplier<Interleavings.Case> race = () -> new PauseRace(resumes) {
            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                beginWithTwo();
                var failure = failure(scene(), at(first()), FailureReason.HANDLER_FAILED);
                return List.of(
                        stepped -> assertThat(store(stepped).recordFailure(fromLane(first()), failure))
                                .isTrue(),
                        person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                FailureId id = new FailureId(scene().name("too-long"));
                if (!resumes) {
                    assertThat(asked(id)).isEqualTo(new Change.Refuse(Refusal.LANE_PAUSED));
                }
                resumed();
                assertThat(asked(id)).isInstanceOf(Change.Write.class);
                assertThat(next()).as("behind a failed execution").isEmpty();
                assertThat(released()).isEmpty();
                assertThat(due()).extracting(FailedExecution::id).containsExactly(id);
            }

            private Change asked(FailureId id) {
                return store(pool).change(id, Compensation.request(true, "anna", "now"), List.of());
            }
        };
        holdsInSample(race.get(), EACH);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatComesToTheLaneIsParkedOrHandledAndNeverLost(boolean resumes) throws Exception {
        Supplier<Interleavings.Case> race = () -> new PauseRace(resumes) {
            private long event;
            private @Nullable ParkResult parked;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                pauseFirstIfItResumes();
                event = now.append("a", LANE);
                CursorMove move = new CursorMove(now.claim, now.position, event);
                var stored = at(event);
                return List.of(stepped -> parked = store(stepped).park(move, LANE, stored, List.of()), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                resumed();
                boolean held = Objects.requireNonNull(parked) != ParkResult.LANE_FREE;
                assertThat(nextPosition()).isEqualTo(held ? Optional.of(event) : Optional.empty());
                assertThat(released()).hasSize(held ? 1 : 0);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), resumes ? WITHOUT_THE_LANE : RELEASING_WHAT_IS_PAUSED.get());
    }

    @Test
    void anAttemptThatIsDueBeginsBeforeThePauseOrAfterIt() throws Exception {
        Supplier<Interleavings.Case> race = () -> new PauseRace(false) {
            private @Nullable FailureId record;
            private List<FailedExecution> begun = List.of();

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                FailureId id = now.fail(LANE, false);
                record = id;
                assertThat(store(pool).change(id, Compensation.request(true, "anna", "now"), List.of()))
                        .isInstanceOf(Change.Write.class);
                begun = List.of();
                pauseFirstIfItResumes();
                return List.of(stepped -> begun = due(stepped), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(due()).as("due in a paused lane").isEmpty();
                resumed();
                FailureId id = Objects.requireNonNull(record);
                assertThat(due()).extracting(FailedExecution::id).isEqualTo(begun.isEmpty() ? List.of(id) : List.of());
            }
        };
        holdsInSample(race.get(), EACH);
    }
}

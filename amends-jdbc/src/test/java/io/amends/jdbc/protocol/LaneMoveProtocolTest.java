package io.amends.jdbc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.RetryPolicy;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Refusal;
import io.amends.core.store.CursorMove;
import io.amends.core.store.LaneMove;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A person gives a lane to another processor while something of it runs, or comes to that lane there (decision 021). */
class LaneMoveProtocolTest extends WaitStage {

    /** The slot's owner keeps what it knows of lanes. */
    private static final UnaryOperator<String> WITHOUT_THE_FENCE = sql -> sql.replace(
            "set fence = fence + 1, owner = null where processor = ? and slot = ?",
            "set owner = null where processor = ? and slot = ?");

    private abstract static class MoveRace extends Race {
        private @Nullable Scene target;
        private @Nullable FailureId record;
        private @Nullable Change change;

        /** The record is the last of its lane; the other processor begins behind it. */
        void beginMove() throws SQLException {
            record = scene().fail(LANE, false);
            target = new Scene("a");
            change = null;
        }

        Scene target() {
            return Objects.requireNonNull(target);
        }

        FailureId record() {
            return Objects.requireNonNull(record);
        }

        Change change() {
            return Objects.requireNonNull(change);
        }

        boolean moved() {
            return change() instanceof Change.Write;
        }

        Interleavings.Session person() {
            return stepped -> change = move(stepped);
        }

        Change move(DataSource dataSource) {
            Compensation.Target function = new Compensation.Target("f", RetryPolicy.DEFAULT);
            Compensation.Destination to = new Compensation.Destination(
                    target().processor, 0, new TreeMap<>(Map.of("a", function)), record(), function);
            return store(dataSource)
                    .moveLane(
                            record(),
                            new LaneMove(
                                    new SlotId(target().processor, 0),
                                    new TreeSet<>(List.of("a")),
                                    Compensation.move(to, "anna", null)));
        }

        long events(Scene of) throws SQLException {
            return number("select count(*) from amends.lane_event where processor = '" + of.processor + "'");
        }

        /** Both processors' lanes say what is in them. */
        void lanesAgree() throws SQLException {
            for (Scene of : List.of(scene(), target())) {
                assertThat(number("select count(*) from amends.lane where processor = '" + of.processor + "'"))
                        .as("the lane of %s", of.processor)
                        .isEqualTo(events(of) > 0 ? 1 : 0);
            }
        }
    }

    @Test
    void whatComesToTheOtherLaneIsBeforeTheMoveOrUndone() throws Exception {
        Supplier<Interleavings.Case> race = () -> new MoveRace() {
            private boolean recorded;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                begin();
                beginMove();
                recorded = false;
                Scene there = target();
                long event = there.append("a", LANE);
                var origin = new RunOrigin.FromSlot(new CursorMove(there.claim, there.position, event));
                var failure = failure(there, at(event), FailureReason.HANDLER_FAILED);
                return List.of(stepped -> recorded = store(stepped).recordFailure(origin, failure), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(recorded).as("recorded, and not moved").isNotEqualTo(moved());
                if (!moved()) {
                    assertThat(change()).isEqualTo(new Change.Refuse(Refusal.TARGET_LANE_HELD));
                }
                assertThat(events(target())).isEqualTo(1);
                assertThat(events(scene())).isEqualTo(moved() ? 0 : 1);
                lanesAgree();
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), WITHOUT_THE_FENCE);
    }

    @Test
    void whatRunsThereWhileTheLaneComesIsHandledBeforeItOrNotAtAll() throws Exception {
        Supplier<Interleavings.Case> race = () -> new MoveRace() {
            private long event;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                begin();
                beginMove();
                Scene there = target();
                event = there.append("a", LANE);
                CursorMove move = new CursorMove(there.claim, there.position, event);
                String effect = there.name("effect");
                return List.of(stepped -> handle(stepped, effect, "its run", tx -> tx.finish(move)), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(moved()).isTrue();
                boolean handled = effects(target().name("effect")) == 1;
                CursorMove next = new CursorMove(target().claim, handled ? event : target().position, event + 1);
                assertThat(store(pool).carryForward(List.of(next)))
                        .as("the owner from before")
                        .isEmpty();
                lanesAgree();
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), WITHOUT_THE_FENCE);
    }

    @Test
    void whatRunsOfTheLaneEndsBeforeTheMoveOrIsTheOthers() throws Exception {
        Supplier<Interleavings.Case> race = () -> new MoveRace() {
            private long first;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                begin();
                first = tried();
                beginMove();
                String effect = scene().name("effect");
                RunOrigin.FromLane run = fromLane(first);
                return List.of(stepped -> handle(stepped, effect, "its run", tx -> tx.finish(run)), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(moved()).isTrue();
                long handled = effects(scene().name("effect"));
                assertThat(handled + events(target()))
                        .as("each event is done or held, and once")
                        .isEqualTo(2);
                assertThat(events(scene())).isZero();
                assertThat(waits()).isZero();
                lanesAgree();
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), WITHOUT_THE_LANE);
    }

    @Test
    void anAttemptBeginsBeforeTheMoveWhichIsRefusedOrNotAtAll() throws Exception {
        Supplier<Interleavings.Case> race = () -> new MoveRace() {
            private List<FailedExecution> begun = List.of();

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                begin();
                beginMove();
                begun = List.of();
                assertThat(store(pool).change(record(), Compensation.request(true, "anna", "now"), List.of()))
                        .isInstanceOf(Change.Write.class);
                return List.of(stepped -> begun = due(stepped), person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(begun.isEmpty()).isEqualTo(moved());
                if (!moved()) {
                    assertThat(change()).isEqualTo(new Change.Refuse(Refusal.RUNNING));
                }
                lanesAgree();
            }
        };
        holdsInSample(race.get(), EACH);
    }

    @Test
    void twoPersonsMoveItOnce() throws Exception {
        Supplier<Interleavings.Case> race = () -> new MoveRace() {
            private @Nullable Change other;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                begin();
                beginMove();
                other = null;
                Interleavings.Session second = stepped -> other = move(stepped);
                return List.of(second, person());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(List.of(moved(), other instanceof Change.Write)).containsExactlyInAnyOrder(true, false);
                assertThat(store(pool).history(record())).hasSize(2);
                lanesAgree();
            }
        };
        holdsInSample(race.get(), EACH);
    }
}

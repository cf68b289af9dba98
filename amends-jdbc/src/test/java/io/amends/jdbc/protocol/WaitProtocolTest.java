package io.amends.jdbc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.OnTimeout;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.Status;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NewWait;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TimedOut;
import io.amends.core.store.WaitResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who waits and who does what it waits for find each other, whatever comes between (design 7.5 to 7.7). */
class WaitProtocolTest extends WaitStage {
    /** Looks at the entity that it waits for, and does not announce itself there. */
    private static final UnaryOperator<String> NOT_ANNOUNCING = sql ->
            sql.startsWith("insert into \"amends\".progress as p (processor, stream, key, epoch, version, awaited)")
                    ? "select epoch, version, true from \"amends\".progress where processor = ? and stream = ? and key = ?"
                            + " and epoch > (-9223372036854775807 - 1)"
                    : sql;

    /** Announces itself, and does not look what was done. */
    private static final UnaryOperator<String> NOT_LOOKING = sql -> sql.replace(
            "set awaited = true returning epoch, version, epoch >", "set awaited = true returning epoch, version, 1 <");

    // ---- a wait, and what it waits for --------------------------------------------------------------------------

    private enum Waiter {
        FROM_SLOT,
        FROM_LANE,
        RECORD
    }

    private enum Doer {
        FROM_SLOT,
        FROM_LANE,
        RECORD
    }

    @ParameterizedTest
    @CsvSource({
        "FROM_SLOT, FROM_SLOT",
        "FROM_SLOT, FROM_LANE",
        "FROM_SLOT, RECORD",
        "FROM_LANE, FROM_SLOT",
        "FROM_LANE, RECORD",
        "RECORD, FROM_SLOT",
        "RECORD, RECORD"
    })
    void whoeverWaitsHasSeenTheVersionOrIsWokenByIt(Waiter waiter, Doer doer) throws Exception {
        holdsInSample(new Meeting(waiter, doer), EACH);
        breaksInSample(new Meeting(waiter, doer), NOT_ANNOUNCING);
        breaksInSample(new Meeting(waiter, doer), NOT_LOOKING);
    }

    /** One event enters a wait for a version while another one does it. */
    private static final class Meeting extends Race {
        private final Waiter waiter;
        private final Doer doer;
        private @Nullable Scene other;
        private long event;
        private @Nullable FailureId record;
        private @Nullable WaitResult entered;

        Meeting(Waiter waiter, Doer doer) {
            this.waiter = waiter;
            this.doer = doer;
        }

        @Override
        public List<Interleavings.Session> sessions() throws Exception {
            Scene doing = new Scene("a");
            other = doing;
            Interleavings.Session does = doer(doing);
            Scene now = begin();
            entered = null;
            record = null;
            WaitFor what = new WaitFor.Version(doing.processor, order(), new StreamVersion(0, 1), false);
            return List.of(
                    switch (waiter) {
                        case FROM_SLOT -> {
                            event = now.append("a", LANE);
                            NewWait wait = wait(event, what);
                            CursorMove move = new CursorMove(now.claim, now.position, event);
                            yield stepped -> entered = store(stepped).enterWait(new RunOrigin.FromSlot(move), wait);
                        }
                        case FROM_LANE -> {
                            event = tried();
                            NewWait wait = wait(event, what);
                            yield stepped -> entered = store(stepped).enterWait(fromLane(event), wait);
                        }
                        case RECORD -> {
                            FailureId id = now.fail(LANE, true);
                            record = id;
                            event = now.position;
                            NewWait wait = wait(event, what);
                            yield stepped -> entered =
                                    store(stepped).enterWait(id, Compensation.tooEarly(1, "the order", "b"), wait);
                        }
                    },
                    does);
        }

        private Interleavings.Session doer(Scene doing) throws SQLException {
            String effect = doing.name("cause");
            return switch (doer) {
                case FROM_SLOT -> {
                    CursorMove move = new CursorMove(doing.claim, doing.position, doing.append("a", "cause"));
                    yield stepped ->
                            handle(stepped, effect, "slot", tx -> tx.finish(move, List.of(moving(order(), 1))));
                }
                case FROM_LANE -> {
                    long cause = waitingInSlot(doing, "cause", new WaitFor.Elapsed(Duration.ZERO), HOUR);
                    RunOrigin.FromLane run = new RunOrigin.FromLane(doing.claim, "cause", cause);
                    yield stepped -> handle(stepped, effect, "lane", tx -> tx.finish(run, List.of(moving(order(), 1))));
                }
                case RECORD -> {
                    FailureId cause = doing.fail("cause", true);
                    yield stepped -> handle(
                            stepped,
                            effect,
                            "record",
                            tx -> tx.finish(cause, Compensation.succeeded(1), List.of(moving(order(), 1))));
                }
            };
        }

        @Override
        public void check(List<@Nullable Throwable> errors) throws Exception {
            assertThat(errors).containsOnlyNulls();
            assertThat(effects(Objects.requireNonNull(other).name("cause"))).isEqualTo(1);
            FailureId id = record;
            if (entered == WaitResult.SATISFIED) {
                assertThat(waits()).isEqualTo(waiter == Waiter.FROM_LANE ? 1 : 0);
                if (id != null) {
                    assertThat(store(pool).failure(id).map(FailedExecution::status))
                            .contains(Status.PREPARED);
                }
                return;
            }
            assertThat(entered).isEqualTo(WaitResult.WAITING);
            if (id == null) {
                assertThat(next().map(row -> row.event().position()))
                        .as("what may run in the lane of the one that waits")
                        .contains(event);
            } else {
                assertThat(due())
                        .extracting(FailedExecution::id)
                        .as("what is due")
                        .containsExactly(id);
            }
        }
    }

    @Test
    void aVersionThatIsDoneWakesNobodyForGood() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long later;
            private @Nullable WaitResult entered;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                FailureId cause = now.fail("cause", true);
                waitingInSlot(now, "first", version(1), HOUR);
                later = now.append("a", LANE);
                NewWait wait = wait(later, version(2));
                CursorMove move = new CursorMove(now.claim, now.position, later);
                return List.of(
                        does(cause, 1),
                        stepped -> entered = store(stepped).enterWait(new RunOrigin.FromSlot(move), wait));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(entered).isEqualTo(WaitResult.WAITING);
                assertThat(store(pool).nextInLane(scene().processor, "first")).isPresent();
                assertThat(next()).isEmpty();
                CursorMove move = new CursorMove(scene().claim, later, scene().append("a", "second"));
                handle(pool, scene().name("second"), "slot", tx -> tx.finish(move, List.of(moving(order(), 2))));
                assertThat(next().map(row -> row.event().position())).contains(later);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(
                race.get(),
                calling(variant(
                        "woken_lanes",
                        "wake_and_forget",
                        body -> body.replaceAll("(?s)(and p\\.awaited)\\s+and not exists \\(.*?is null\\)", "$1"))));
    }

    @Test
    void whatIsForgottenIsAwaitedByNobody() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long event;
            private @Nullable FailureId cause;
            private @Nullable WaitResult entered;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                FailureId id = now.fail("cause", true);
                cause = id;
                // somebody has waited for it once, and does no more
                waitingInSlot(now, "gone", version(1), HOUR);
                execute(
                        "delete from amends.wait where processor = '" + now.processor + "'",
                        "delete from amends.lane_event where processor = '" + now.processor
                                + "' and lane_key = 'gone'");
                event = now.append("a", LANE);
                NewWait wait = wait(event, version(1));
                CursorMove move = new CursorMove(now.claim, now.position, event);
                return List.of(
                        stepped -> entered = store(stepped).enterWait(new RunOrigin.FromSlot(move), wait),
                        stepped -> store(stepped).forgetTombstones(Duration.ofDays(90), 1000));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(entered).isEqualTo(WaitResult.WAITING);
                does(Objects.requireNonNull(cause), 1).run(pool);
                assertThat(next().map(row -> row.event().position())).contains(event);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(
                race.get(),
                sql -> sql.startsWith("delete from \"amends\".progress p using")
                        ? sql.replaceAll(" and not exists .*", "")
                        : sql.replace(" for update of p skip locked", ""));
    }

    // ---- whatever comes next ------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(
            value = Waiter.class,
            names = {"FROM_LANE", "RECORD"})
    void whatComesWhileItIsTriedIsSeenOrHasItTriedOnceMore(Waiter waiter) throws Exception {
        holdsInSample(new Coming(waiter), EACH);
        breaksInSample(
                new Coming(waiter),
                waiter == Waiter.RECORD
                        ? sql -> sql.replace("case when w.due_at is not null then now() end", "null::timestamptz")
                        : sql -> sql.replace("when w.wakes <> ? then", "when ? < 0 then"));
        breaksInSample(new Coming(waiter), WAKING_NEXT_WHAT_IS_FREE.get());
    }

    /** Passes over what somebody has in hand. */
    private static final Supplier<UnaryOperator<String>> WAKING_NEXT_WHAT_IS_FREE = () -> calling(variant(
            "wake_next_waits",
            "wake_next_free",
            body -> body.replace("w.position for update)", "w.position for update skip locked)")));

    /** Something waits for whatever comes next and is tried in the moment in which that comes. */
    private static final class Coming extends Race {
        private final Waiter waiter;
        private long event;
        private @Nullable FailureId record;
        private boolean seen;
        private @Nullable WaitResult entered;

        Coming(Waiter waiter) {
            this.waiter = waiter;
        }

        @Override
        public List<Interleavings.Session> sessions() throws Exception {
            Scene now = begin();
            Scene doing = new Scene("a");
            String cause = doing.name("cause");
            CursorMove move = new CursorMove(doing.claim, doing.position, doing.append("a", "cause"));
            Interleavings.Session does = stepped -> handle(
                    stepped,
                    cause,
                    "slot",
                    tx -> tx.finish(move, new DoneEvents(List.of(), new TreeSet<>(Set.of(now.name("next"))))));
            entered = null;
            record = null;
            if (waiter == Waiter.RECORD) {
                FailureId id = now.fail(LANE, true);
                record = id;
                event = now.position;
                NewWait wait = next(now);
                assertThat(store(pool).enterWait(id, Compensation.tooEarly(1, "the next", "b"), wait))
                        .isEqualTo(WaitResult.WAITING);
                store(pool).change(id, Compensation.request(false, "anna", null), List.of());
                int attempt = due().getFirst().retry().attempt();
                return List.of(
                        stepped -> {
                            seen = count(stepped, cause) > 0;
                            entered =
                                    store(stepped).enterWait(id, Compensation.tooEarly(attempt, "the next", "b"), wait);
                        },
                        does);
            }
            event = now.append("a", LANE);
            NewWait wait = next(now);
            CursorMove first = new CursorMove(now.claim, now.position, event);
            assertThat(store(pool).enterWait(new RunOrigin.FromSlot(first), wait))
                    .isEqualTo(WaitResult.WAITING);
            now.position = event;
            // tried so often that the next time is far away
            execute("update amends.wait set tries = 9 where processor = '" + now.processor + "'");
            return List.of(
                    stepped -> {
                        LaneEvent begun =
                                store(stepped).nextInLane(now.processor, LANE).orElseThrow();
                        seen = count(stepped, cause) > 0;
                        entered = store(stepped)
                                .enterWait(new RunOrigin.FromLane(now.claim, LANE, event, null, begun.wakes()), wait);
                    },
                    does);
        }

        private NewWait next(Scene now) {
            return new NewWait(
                    now.claim.slot(),
                    LANE,
                    at(event),
                    new WaitRequest(new WaitFor.Next(), HOUR, OnTimeout.FAIL),
                    now.name("next"),
                    List.of());
        }

        private static long count(DataSource stepped, String effect) throws SQLException {
            try (Connection connection = stepped.getConnection();
                    PreparedStatement query =
                            connection.prepareStatement("select count(*) from effects where event = ?")) {
                query.setString(1, effect);
                try (ResultSet row = query.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        }

        @Override
        public void check(List<@Nullable Throwable> errors) throws Exception {
            assertThat(errors).containsOnlyNulls();
            assertThat(entered).isEqualTo(WaitResult.WAITING);
            if (seen) {
                return;
            }
            FailureId id = record;
            if (id == null) {
                assertThat(next().map(row -> row.event().position()))
                        .as("what may run in the lane of the one that has not seen what came")
                        .contains(event);
            } else {
                assertThat(due())
                        .extracting(FailedExecution::id)
                        .as("what is due")
                        .containsExactly(id);
            }
        }
    }

    // ---- time, and people ---------------------------------------------------------------------------------------

    @Test
    void whatIsDoneInTheMomentInWhichAWaitIsTooLongHasWokenIt() throws Exception {
        holdsInSample(new Ending(false), EACH);
        breaksInSample(
                new Ending(false),
                calling(variant(
                        "woken_lanes",
                        "wake_what_is_in_time",
                        body -> body.replaceFirst(
                                "and w\\.due_at is null", "and w.due_at is null and not w.timed_out"))));
    }

    @Test
    void aPersonTheTimeoutAndTheVersionEndAWaitTogether() throws Exception {
        holdsInSample(new Ending(true), EACH);
        breaksInSample(new Ending(true), WAKING_WHAT_IS_FREE.get());
    }

    /** Passes over the waits that somebody has in hand. */
    private static final Supplier<UnaryOperator<String>> WAKING_WHAT_IS_FREE = () -> calling(variant(
            "woken_lanes",
            "wake_what_is_free",
            body -> body.replace("w.position for update of w)", "w.position for update of w skip locked)")));

    /** A wait whose time is over, while what it waits for is done, and perhaps a person ends it. */
    private static final class Ending extends Race {
        private final boolean byPerson;
        private long event;
        private boolean ended;

        Ending(boolean byPerson) {
            this.byPerson = byPerson;
        }

        @Override
        public List<Interleavings.Session> sessions() throws Exception {
            Scene now = begin();
            FailureId cause = now.fail("cause", true);
            event = waitingInSlot(now, LANE, version(1), Duration.ZERO);
            ended = false;
            Interleavings.Session times = stepped -> store(stepped).endWaits(now.processor, List.of(now.claim));
            Interleavings.Session person = stepped ->
                    ended = store(stepped).endWait(now.processor, event, OnTimeout.SKIP, "anna", "never comes", false);
            return byPerson ? List.of(does(cause, 1), times, person) : List.of(does(cause, 1), times);
        }

        @Override
        public void check(List<@Nullable Throwable> errors) throws Exception {
            assertThat(errors).containsOnlyNulls();
            assertThat(ended).isEqualTo(byPerson);
            LaneEvent next = next().orElseThrow(() -> new AssertionError("nothing may run"));
            assertThat(next.event().position()).isEqualTo(event);
            assertThat(Optional.ofNullable(next.timedOut()).map(TimedOut::then))
                    .as("too long only if a person says so: what it waits for is done")
                    .isEqualTo(byPerson ? Optional.of(OnTimeout.SKIP) : Optional.empty());
            assertThat(number("select count(*) from amends.wait where processor = '" + scene().processor
                            + "' and due_at is not null"))
                    .as("woken")
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAPersonSaysOfAWaitIsNotOverruledByItsTimeout(OnTimeout timeout) throws Exception {
        OnTimeout said = timeout == OnTimeout.SKIP ? OnTimeout.FAIL : OnTimeout.SKIP;
        holdsInSample(new Overruling(timeout, said), EACH);
        breaksInSample(
                new Overruling(timeout, said),
                sql -> sql.replace(" and then_what = ? and timed_out", " and then_what >= least('', ?) and timed_out"));
    }

    /** A wait whose time is over ends as its declaration says, while a person says something else. */
    private static final class Overruling extends Race {
        private final OnTimeout timeout;
        private final OnTimeout said;
        private boolean ended;
        private boolean counts;

        Overruling(OnTimeout timeout, OnTimeout said) {
            this.timeout = timeout;
            this.said = said;
        }

        @Override
        public List<Interleavings.Session> sessions() throws Exception {
            Scene now = begin();
            long event = waitingInSlot(now, LANE, version(1), Duration.ZERO, timeout);
            store(pool).endWaits(now.processor, List.of(now.claim));
            store(pool).endWaits(now.processor, List.of(now.claim));
            LaneEvent told = next().orElseThrow();
            assertThat(Objects.requireNonNull(told.timedOut()).then()).isEqualTo(timeout);
            RunOrigin.FromLane run = new RunOrigin.FromLane(now.claim, LANE, event, timeout);
            NewFailure failure = tooLong(now, told.event());
            String effect = now.name("effect");
            counts = false;
            return List.of(
                    stepped -> {
                        if (timeout == OnTimeout.FAIL) {
                            counts = store(stepped).recordFailure(run, failure);
                        } else {
                            handle(stepped, effect, "its run", tx -> tx.finish(run));
                        }
                    },
                    stepped ->
                            ended = store(stepped).endWait(now.processor, event, said, "anna", "never comes", false));
        }

        @Override
        public void check(List<@Nullable Throwable> errors) throws Exception {
            assertThat(errors).containsOnlyNulls();
            counts |= effects(scene().name("effect")) == 1;
            assertThat(counts)
                    .as("the timeout counts, although a person has said something else: " + ended)
                    .isNotEqualTo(ended);
            assertThat(next().map(LaneEvent::timedOut).map(TimedOut::then))
                    .isEqualTo(ended ? Optional.of(said) : Optional.empty());
        }
    }

    @Test
    void whatAPersonSaysOfAWaitThatBeginsOnceMoreStands() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long event;
            private boolean ended;
            private @Nullable WaitResult entered;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                event = waitingInSlot(now, LANE, version(1), HOUR);
                NewWait again = wait(event, version(2));
                return List.of(
                        stepped -> entered = store(stepped).enterWait(fromLane(event), again),
                        stepped -> ended = store(stepped)
                                .endWait(now.processor, event, OnTimeout.SKIP, "anna", "never comes", false));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(ended).isTrue();
                assertThat(entered).isIn(WaitResult.WAITING, WaitResult.LOST);
                assertThat(next().map(LaneEvent::timedOut).map(TimedOut::then)).contains(OnTimeout.SKIP);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), sql -> sql.replace(" where not w.timed_out or (w.kind", " where true or (w.kind"));
    }

    @Test
    void whatEndsLeavesNoWaitBehind() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private boolean ended;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                FailureId cause = now.fail("cause", true);
                long event = tried();
                String effect = now.name("effect");
                return List.of(
                        stepped -> handle(stepped, effect, "its run", tx -> tx.finish(fromLane(event))),
                        stepped -> ended = store(stepped)
                                .endWait(now.processor, event, OnTimeout.SKIP, "anna", "never comes", false),
                        does(cause, 1));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(effects(scene().name("effect"))).isEqualTo(1);
                assertThat(waits()).as("waits, ended by a person: " + ended).isZero();
                assertThat(store(pool).laneHead(scene().processor, LANE)).isEmpty();
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(
                race.get(),
                calling(variant(
                        "lane_remove",
                        "lane_remove_only",
                        body -> body.replaceAll("(?s)delete from \"amends\".wait w.*?at_position;", ""))));
    }

    // ---- lanes --------------------------------------------------------------------------------------------------

    @Test
    void aWaitAndWhatIsParkedBehindItFindEachOther() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long provides;
            private @Nullable WaitResult entered;
            private @Nullable ParkResult parked;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                long first = tried();
                NewWait wait = wait(first, version(1));
                provides = now.append("a", LANE);
                CursorMove move = new CursorMove(now.claim, now.position, provides);
                StoredEvent event = at(provides);
                return List.of(
                        stepped -> entered = store(stepped).enterWait(fromLane(first), wait),
                        stepped -> parked = store(stepped).park(move, LANE, event, List.of(order())));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(entered).isEqualTo(WaitResult.WAITING);
                assertThat(parked).isIn(ParkResult.PARKED, ParkResult.PARKED_MAY_RUN);
                assertThat(next().map(row -> row.event().position())).contains(provides);
                assertThat(store(pool).releasedLanes(scene().processor, List.of(scene().claim), 9))
                        .hasSize(1);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), WITHOUT_THE_LANE);
    }

    @Test
    void twoThatEnterWaitsInOneLaneFindEachOther() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long provides;
            private @Nullable FailureId cause;
            private @Nullable WaitResult first;
            private @Nullable WaitResult second;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                cause = now.fail("cause", true);
                long event = tried();
                NewWait forOrder = wait(event, version(1));
                provides = now.append("a", LANE);
                CursorMove move = new CursorMove(now.claim, now.position, provides);
                NewWait forOther = wait(
                        provides, new WaitFor.Version(now.processor, other(), new StreamVersion(0, 1), false), order());
                return List.of(
                        stepped -> first = store(stepped).enterWait(fromLane(event), forOrder),
                        stepped -> second = store(stepped).enterWait(new RunOrigin.FromSlot(move), forOther));
            }

            private StreamKey other() {
                return new StreamKey("order", scene().name("other"));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(first).isEqualTo(WaitResult.WAITING);
                assertThat(second).isEqualTo(WaitResult.WAITING);
                assertThat(next()).isEmpty();
                handle(
                        pool,
                        scene().name("other"),
                        "cause",
                        tx -> tx.finish(
                                Objects.requireNonNull(cause), Compensation.succeeded(1), List.of(moving(other(), 1))));
                assertThat(next().map(row -> row.event().position())).contains(provides);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(
                race.get(),
                sql -> sql.contains("stops_slot = l.stops_slot or")
                        ? sql.replaceAll("do update.*", "do nothing")
                        : WITHOUT_THE_LANE.apply(sql));
    }

    @Test
    void whoeverWakesLeavesTheLaneToWhoeverHoldsIt() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long behind;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                FailureId cause = now.fail("cause", true);
                long first = waitingInSlot(now, LANE, version(1), HOUR);
                behind = waitingInSlot(now, LANE, version(9), HOUR);
                store(pool).endWait(now.processor, first, OnTimeout.PROCEED, "anna", null, false);
                String effect = now.name("effect");
                return List.of(
                        does(cause, 1),
                        stepped -> handle(stepped, effect, "its run", tx -> tx.finish(fromLane(first))));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(store(pool)
                                .laneHead(scene().processor, LANE)
                                .map(row -> row.event().position()))
                        .contains(behind);
                assertThat(store(pool).heldLanes(scene().claim))
                        .containsExactly(new HeldLane(scene().claim.slot(), LANE, false, false));
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(
                race.get(),
                calling(variant(
                        "woken_lanes",
                        "wake_and_release",
                        body -> body.replaceFirst(
                                "update \"amends\".progress",
                                "update \"amends\".lane l set released = true from \"amends\".wait w"
                                        + " where l.processor = w.processor and l.lane_key = w.lane_key and w.due_at = now();\n"
                                        + "    update \"amends\".progress"))));
    }

    // ---- take-over ----------------------------------------------------------------------------------------------

    @Test
    void underAnOldFenceNothingWaits() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long event;
            private @Nullable WaitResult entered;
            private @Nullable TakenSlot taken;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                event = now.append("a", LANE);
                NewWait wait = wait(event, version(1));
                CursorMove move = new CursorMove(now.claim, now.position, event);
                String effect = now.name("effect");
                return List.of(
                        stepped -> entered = store(stepped).enterWait(new RunOrigin.FromSlot(move), wait), stepped -> {
                            TakenSlot slot = store(stepped)
                                    .reclaim(now.name("n1"), now.claim)
                                    .orElseThrow();
                            taken = slot;
                            if (slot.position() < event) {
                                CursorMove again = new CursorMove(slot.claim(), slot.position(), event);
                                handle(stepped, effect, "the new owner", tx -> tx.finish(again));
                            }
                        });
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                boolean seen = Objects.requireNonNull(taken).position() >= event;
                assertThat(entered).isEqualTo(seen ? WaitResult.WAITING : WaitResult.LOST);
                assertThat(waits()).isEqualTo(seen ? 1 : 0);
                assertThat(effects(scene().name("effect"))).isEqualTo(seen ? 0 : 1);
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(
                race.get(),
                sql -> sql.replace("and fence = ? and position = ?", "and fence >= least(0, ?) and position = ?"));
    }

    @Test
    void whatTheNextOwnerHasEndedDoesNotWaitAgain() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Race() {
            private long event;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                Scene now = begin();
                event = tried();
                NewWait wait = wait(event, version(1));
                String effect = now.name("effect");
                return List.of(stepped -> store(stepped).enterWait(fromLane(event), wait), stepped -> {
                    TakenSlot slot =
                            store(stepped).reclaim(now.name("n1"), now.claim).orElseThrow();
                    RunOrigin.FromLane run = new RunOrigin.FromLane(slot.claim(), LANE, event);
                    handle(stepped, effect, "the new owner", tx -> tx.finish(run));
                });
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(effects(scene().name("effect"))).isEqualTo(1);
                assertThat(waits()).isZero();
                assertThat(store(pool).heldLanes(scene().claim)).isEmpty();
            }
        };
        holdsInSample(race.get(), EACH);
        breaksInSample(race.get(), sql -> WITHOUT_THE_LANE.apply(sql).replace(" for key share of c", ""));
    }
}

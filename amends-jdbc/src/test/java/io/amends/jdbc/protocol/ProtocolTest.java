package io.amends.jdbc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.StartFrom;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Progress;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.Status;
import io.amends.core.store.AppendResult;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.HeldLane;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ParkResult;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each test: the right code holds in every order; a variant without the rule breaks in at least one. */
class ProtocolTest extends ProtocolStage {
    // ---- 7.1 cursor ---------------------------------------------------------------------------------------------

    @Test
    void aCursorPassesNothingUnderAnOldFence() throws Exception {
        Supplier<Interleavings.Case> skippingWhileABuildRegisters = () -> new Interleavings.Case() {
            private Scene scene;
            private List<TakenSlot> taken = List.of();
            private List<CursorMove> carried = List.of();

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a.known");
                long event = scene.append("later.registered", "k");
                return List.of(
                        stepped -> carried = store(stepped)
                                .carryForward(List.of(new CursorMove(scene.claim, scene.position, event))),
                        stepped -> {
                            PostgresStore store = store(stepped);
                            store.join(scene.node("n2", "a.known", "later.registered"), LEASE);
                            taken = store.takeOver(
                                    scene.name("n2"), scene.processor, Set.of("a.known", "later.registered"), 1);
                        });
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                long now = number("select position from amends.cursor where processor = '" + scene.processor + "'");
                assertThat(taken).hasSize(1);
                assertThat(now)
                        .as("the position that the new owner was told")
                        .isEqualTo(taken.get(0).position());
            }
        };
        holds(skippingWhileABuildRegisters.get());
        breaks(skippingWhileABuildRegisters.get(), sql -> sql.replace("and m.fence = c.fence", ""));
    }

    @Test
    void anEventIsDoneOnceAlsoByAZombieWithTheSameFence() throws Exception {
        Supplier<Interleavings.Case> twice = () -> new Interleavings.Case() {
            private Scene scene;
            private String event;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                long position = scene.append("a", "k");
                event = scene.name("effect");
                CursorMove move = new CursorMove(scene.claim, scene.position, position);
                return List.of(
                        stepped -> handle(stepped, event, "first", tx -> tx.finish(move)),
                        stepped -> handle(stepped, event, "second", tx -> tx.finish(move)));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(effects(event)).isEqualTo(1);
            }
        };
        holds(twice.get());
        breaks(
                twice.get(),
                sql -> sql.replace("and fence = ? and position = ?", "and fence = ? and position >= least(0, ?)"));
    }

    @Test
    void aSlotHasOneOwner() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Interleavings.Case() {
            private Scene scene;
            private final List<TakenSlot> taken = new ArrayList<>();

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                PostgresStore store = store(pool);
                store.join(scene.node("n2", "a"), LEASE);
                store.join(scene.node("n3", "a"), LEASE);
                execute("update amends.node set expires_at = now() - interval '1 s' where id = '" + scene.name("n1")
                        + "'");
                taken.clear();
                return List.of(take("n2"), take("n3"));
            }

            private Interleavings.Session take(String node) {
                return stepped -> {
                    List<TakenSlot> slots = store(stepped).takeOver(scene.name(node), scene.processor, Set.of("a"), 1);
                    synchronized (taken) {
                        taken.addAll(slots);
                    }
                };
            }

            @Override
            public void check(List<@Nullable Throwable> errors) {
                assertThat(errors).containsOnlyNulls();
                assertThat(taken).hasSize(1);
                assertThat(taken.get(0).suspects()).isEqualTo(1);
            }
        };
        holds(race.get());
        breaks(
                race.get(),
                sql -> sql.replace(" order by c.slot limit ? for update skip locked", " order by c.slot limit ?")
                        .replace(
                                "(c.owner is null or not exists (select 1 from \"amends\".node n where n.id = c.owner and"
                                        + " n.expires_at > now()))",
                                "true"));
    }

    // ---- 7.3 relay ----------------------------------------------------------------------------------------------

    @Test
    void positionsFollowCommitsWithoutGaps() throws Exception {
        Interleavings.Case publishing = new Interleavings.Case() {
            private long before;
            private final List<String> committed = new ArrayList<>();

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                before = number("select position from amends.head");
                committed.clear();
                return List.of(
                        publisher("p1-" + scenes),
                        publisher("p2-" + scenes++),
                        stepped -> store(stepped).relay(10));
            }

            private Interleavings.Session publisher(String id) {
                return stepped -> {
                    PlainJdbcTransactions transactions = new PlainJdbcTransactions(stepped);
                    PostgresStore store = store(stepped, transactions);
                    transactions.inTransaction(() -> {
                        store.caller().publish(event("t", id, "k"), false);
                        return null;
                    });
                    synchronized (committed) {
                        committed.add(id);
                    }
                };
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                store(pool).relay(10);
                List<StoredEvent> events = store(pool).read(before, 10).events();
                assertThat(events).extracting(e -> e.event().id()).containsExactlyInAnyOrderElementsOf(committed);
                assertThat(events).extracting(StoredEvent::position).containsExactly(before + 1, before + 2);
            }
        };
        holds(publishing);
    }

    // ---- 7.5, 7.6 lanes -----------------------------------------------------------------------------------------

    @Test
    void aFollowerIsParkedOrHandledButNeverLost() throws Exception {
        Supplier<Interleavings.Case> parking = () -> new Interleavings.Case() {
            private Scene scene;
            private ParkResult parked;
            private String effect;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                FailureId head = scene.fail("k", true);
                long follower = scene.append("a", "k");
                StoredEvent event = store(pool).read(follower - 1, 1).events().get(0);
                effect = scene.name("effect");
                return List.of(
                        stepped -> parked = store(stepped)
                                .park(new CursorMove(scene.claim, scene.position, follower), "k", event, List.of()),
                        stepped -> handle(stepped, effect, "retry", tx -> tx.finish(head, Compensation.succeeded(1))));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                List<HeldLane> held = store(pool).heldLanes(scene.claim);
                if (parked == ParkResult.PARKED) {
                    assertThat(held).hasSize(1);
                    assertThat(held.get(0).released())
                            .as("the lane runs its parked event")
                            .isTrue();
                } else {
                    assertThat(parked).isEqualTo(ParkResult.LANE_FREE);
                    assertThat(held).isEmpty();
                }
            }
        };
        holds(parking.get());
        breaks(parking.get(), sql -> sql.replaceAll("(select 1 from \"amends\".lane [^;]*) for update( of l)?", "$1"));
    }

    // ---- D8 attempts --------------------------------------------------------------------------------------------

    @Test
    void aResultOfAnOlderAttemptIsRefused() throws Exception {
        Supplier<Interleavings.Case> right = () -> attempts(Compensation.succeeded(1));
        holdsInSample(right.get());
        Decision anyAttempt = (record, situation) -> record.status().isDone()
                ? new Change.Refuse(io.amends.core.failure.Refusal.ALREADY_DONE)
                : new Change.Write(
                        record.with(Status.SUCCEEDED, record.retry()),
                        new HistoryEntry(
                                HistoryEntry.Type.SUCCEEDED, situation.now(), 1, "wrong", null, new TreeMap<>()));
        breaksInSample(attempts(anyAttempt), AS_WRITTEN);
    }

    private static Interleavings.Case attempts(Decision lateResult) {
        return new Interleavings.Case() {
            private Scene scene;
            private String late;
            private FailureId failure;
            private DueBatch due;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                failure = scene.fail("k", true);
                late = scene.name("late");
                return List.of(
                        stepped -> handle(stepped, late, "attempt 1", tx -> tx.finish(failure, lateResult)),
                        stepped -> {
                            PostgresStore store = store(stepped);
                            Claim raised = store.reclaim(scene.name("n1"), scene.claim)
                                    .orElseThrow()
                                    .claim();
                            due = store.claimDue(
                                    new DueQuery(scene.processor, List.of(raised), Set.of("f"), Set.of("a"), false, 10),
                                    Compensation.prepare("n1", () -> 0));
                        });
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                FailedExecution record = store(pool).failure(failure).orElse(null);
                boolean prepared = !due.prepared().isEmpty();
                assertThat(effects(late))
                        .as("effects of attempt 1, attempt 2 prepared: " + prepared)
                        .isEqualTo(prepared ? 0 : 1);
                assertThat(prepared).isEqualTo(record != null && record.status() == Status.PREPARED);
            }
        };
    }

    @Test
    void aPersonAndAnAttemptDoNotBothEndARecord() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Interleavings.Case() {
            private Scene scene;
            private String effect;
            private FailureId failure;
            private Change skipped;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                failure = scene.fail("k", true);
                execute("update amends.failed_execution set timeout_at = now() - interval '1 s' where failure_id = '"
                        + failure + "'");
                effect = scene.name("effect");
                return List.of(
                        stepped ->
                                handle(stepped, effect, "attempt", tx -> tx.finish(failure, Compensation.succeeded(1))),
                        stepped -> skipped =
                                store(stepped).change(failure, Compensation.skip("p", "dealt with"), List.of()));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(effects(effect)).isEqualTo(skipped instanceof Change.Write ? 0 : 1);
            }
        };
        holds(race.get());
        breaks(race.get(), sql -> sql.replaceAll("(where f.failure_id = \\?) for update", "$1"));
    }

    @Test
    void twoSchedulersPrepareOneAttemptOnce() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Interleavings.Case() {
            private Scene scene;
            private final List<FailedExecution> prepared = new ArrayList<>();

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                FailureId failure = scene.fail("k", false);
                store(pool).change(failure, Compensation.request(true, "p", null), List.of());
                prepared.clear();
                return List.of(claimDue(), claimDue());
            }

            private Interleavings.Session claimDue() {
                return stepped -> {
                    DueBatch due = store(stepped)
                            .claimDue(
                                    new DueQuery(
                                            scene.processor, List.of(scene.claim), Set.of("f"), Set.of("a"), false, 10),
                                    Compensation.prepare("n1", () -> 0));
                    synchronized (prepared) {
                        prepared.addAll(due.prepared());
                    }
                };
            }

            @Override
            public void check(List<@Nullable Throwable> errors) {
                assertThat(errors).containsOnlyNulls();
                assertThat(prepared).hasSize(1);
            }
        };
        holdsInSample(race.get());
        breaksInSample(race.get(), sql -> sql.replace(" order by f.failure_id for update skip locked", ""));
    }

    /** Two persons and the scheduler: one request, one attempt, and who is second hears why. */
    @Test
    void twoPersonsAndASchedulerMakeOneAttempt() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Interleavings.Case() {
            private Scene scene;
            private FailureId failure;
            private final List<Change> requests = new ArrayList<>();
            private final List<FailedExecution> prepared = new ArrayList<>();

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                failure = scene.fail("k", false);
                requests.clear();
                prepared.clear();
                return List.of(request("anna"), request("bert"), this::claimDue);
            }

            private Interleavings.Session request(String person) {
                return stepped -> {
                    Change change =
                            store(stepped).change(failure, Compensation.request(false, person, null), List.of());
                    synchronized (requests) {
                        requests.add(change);
                    }
                };
            }

            private void claimDue(DataSource stepped) {
                prepared.addAll(store(stepped)
                        .claimDue(
                                new DueQuery(
                                        scene.processor, List.of(scene.claim), Set.of("f"), Set.of("a"), false, 10),
                                Compensation.prepare("n1", () -> 0))
                        .prepared());
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(requests).hasSize(2);
                assertThat(requests).filteredOn(Change.Write.class::isInstance).hasSize(1);
                assertThat(requests)
                        .filteredOn(Change.Refuse.class::isInstance)
                        .singleElement()
                        .isIn(new Change.Refuse(Refusal.ALREADY_REQUESTED), new Change.Refuse(Refusal.RUNNING));
                assertThat(prepared.size()).isLessThan(2);
                assertThat(store(pool).failure(failure).orElseThrow().retry().attempt())
                        .isEqualTo(1 + prepared.size());
            }
        };
        holdsInSample(race.get());
        breaksInSample(race.get(), sql -> sql.replaceAll("(where f.failure_id = \\?) for update", "$1"));
    }

    // ---- 7.9 retention ------------------------------------------------------------------------------------------

    @Test
    void retentionTakesNothingFromAProcessorThatRegisters() throws Exception {
        Supplier<Interleavings.Case> race = () -> new Interleavings.Case() {
            private Scene scene;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                execute(
                        "delete from amends.cursor",
                        "delete from amends.processor_function",
                        "delete from amends.processor");
                scene = new Scene("a");
                long event = scene.append("a", "k");
                store(pool).carryForward(List.of(new CursorMove(scene.claim, scene.position, event)));
                return List.of(
                        stepped -> store(stepped).retain(Duration.ZERO, 100),
                        stepped -> store(stepped)
                                .join(
                                        new NodeRegistration(
                                                scene.name("n9"),
                                                "b",
                                                "h",
                                                List.of(scene.registration(
                                                        scene.name("late"), StartFrom.EARLIEST, "a"))),
                                        LEASE));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                long logStart = number("select log_start from amends.head");
                long position = number(
                        "select min(position) from amends.cursor where processor = '" + scene.name("late") + "'");
                assertThat(position).isGreaterThanOrEqualTo(logStart - 1);
            }
        };
        holds(race.get());
        breaks(race.get(), sql -> sql.replace("\"amends\".head for no key update", "\"amends\".head"));
    }

    // ---- 7.12 dedupe --------------------------------------------------------------------------------------------

    @Test
    void anEventThatComesTwiceIsAppendedOnce() throws Exception {
        Interleavings.Case twice = new Interleavings.Case() {
            private final List<AppendResult> results = new ArrayList<>();

            @Override
            public List<Interleavings.Session> sessions() {
                results.clear();
                EventEnvelope event = event("t", "again-" + scenes++, "k");
                return List.of(append(event), append(event));
            }

            private Interleavings.Session append(EventEnvelope event) {
                return stepped -> {
                    List<AppendResult> appended = store(stepped).append(List.of(event), "http");
                    synchronized (results) {
                        results.addAll(appended);
                    }
                };
            }

            @Override
            public void check(List<@Nullable Throwable> errors) {
                assertThat(errors).containsOnlyNulls();
                assertThat(results).containsExactlyInAnyOrder(AppendResult.APPENDED, AppendResult.DUPLICATE);
            }
        };
        holds(twice);
    }

    // ---- streams ------------------------------------------------------------------------------------------------

    @Test
    void theNewestVersionStaysAlsoIfTwoLanesHandleOneEntityAtOnce() throws Exception {
        Supplier<Interleavings.Case> changes = () -> new StreamRace(false);
        holds(changes.get());
        breaks(changes.get(), IGNORING_OTHERS);
    }

    @Test
    void whatIsDeletedIsNotBroughtBackByAnOlderEventOfAnotherLane() throws Exception {
        Supplier<Interleavings.Case> deletes = () -> new StreamRace(true);
        holds(deletes.get());
        breaks(deletes.get(), IGNORING_OTHERS);
        // the newer one, which deletes, does not see what the older one creates beside it
        breaks(deletes.get(), BLIND);
    }

    @Test
    void aTombstoneIsNotForgottenOnceANewerVersionHasTakenItsPlace() throws Exception {
        holds(new Interleavings.Case() {
            private Scene scene;
            private StreamKey entity;

            @Override
            public List<Interleavings.Session> sessions() throws Exception {
                scene = new Scene("a");
                entity = new StreamKey("user", scene.name("u"));
                long deleted = scene.append("a", "k");
                new Handling(pool, scene, entity, 3, true)
                        .run((tx, advances) ->
                                tx.finish(new CursorMove(scene.claim, scene.position, deleted), advances));
                long created = scene.append("a", "k");
                execute("update amends.progress set deleted_at = now() - interval '1 day'");
                return List.of(
                        stepped -> store(stepped).forgetTombstones(Duration.ofHours(1), 100),
                        stepped -> new Handling(stepped, scene, entity, 4, false)
                                .run((tx, advances) ->
                                        tx.finish(new CursorMove(scene.claim, deleted, created), advances)));
            }

            @Override
            public void check(List<@Nullable Throwable> errors) throws Exception {
                assertThat(errors).containsOnlyNulls();
                assertThat(done(scene, entity)).isEqualTo(4);
            }
        });
    }

    /** Lets what is newer pass, whatever was done since it was asked. */
    private static final UnaryOperator<String> BLIND = sql -> sql.replace(" and g.asked", " and false");

    /** Stores the version whatever was stored meanwhile. */
    private static final UnaryOperator<String> IGNORING_OTHERS = sql -> BLIND.apply(sql.replace(
            "(p.epoch, p.version) < (excluded.epoch, excluded.version)", "(p.epoch, p.version) is not null"));

    /** A retry brings version 2 of an entity while its slot brings version 3, a change or a delete. */
    private static final class StreamRace implements Interleavings.Case {
        private final boolean deletes;
        private @Nullable Scene scene;
        private @Nullable StreamKey entity;

        StreamRace(boolean deletes) {
            this.deletes = deletes;
        }

        @Override
        public List<Interleavings.Session> sessions() throws Exception {
            Scene now = new Scene("a");
            StreamKey user = new StreamKey("user", now.name("u"));
            scene = now;
            entity = user;
            FailureId retried = now.fail("k1", true);
            long position = now.append("a", "k2");
            CursorMove move = new CursorMove(now.claim, now.position, position);
            return List.of(
                    stepped -> new Handling(stepped, now, user, 2, false)
                            .run((tx, advances) -> tx.finish(retried, Compensation.succeeded(1), advances)),
                    stepped -> new Handling(stepped, now, user, 3, deletes)
                            .run((tx, advances) -> tx.finish(move, advances)));
        }

        @Override
        public void check(List<@Nullable Throwable> errors) throws Exception {
            Scene now = Objects.requireNonNull(scene);
            StreamKey user = Objects.requireNonNull(entity);
            assertThat(errors).containsOnlyNulls();
            assertThat(done(now, user)).isEqualTo(3);
            String state = "select coalesce(sum(version), 0) from entities where id = '" + user.key() + "'";
            assertThat(number(state))
                    .as("the version of the entity, of all its rows")
                    .isEqualTo(deletes ? 0 : 3);
        }
    }

    private static long done(Scene scene, StreamKey entity) throws SQLException {
        return number("select coalesce(max(version), 0) from amends.progress where processor = '" + scene.processor
                + "' and key = '" + entity.key() + "'");
    }

    private interface FinishAdvancing {
        FinishResult with(io.amends.core.store.HandlerTransaction transaction, Collection<Advance> advances);
    }

    /** What a run does with an event that moves a stream: ask, handle, finish, and all again if it was overtaken. */
    private record Handling(DataSource dataSource, Scene scene, StreamKey entity, long version, boolean deletes) {
        void run(FinishAdvancing finish) {
            PlainJdbcTransactions transactions = new PlainJdbcTransactions(dataSource);
            PostgresStore store = store(dataSource, transactions);
            List<Advance> advances = List.of(
                    new Advance(entity, new StreamVersion(0, version), deletes, Advance.Rule.SKIP_OLDER_AND_EQUAL));
            TransactionResult<FinishResult> result;
            do {
                result = store.inTransaction(Duration.ofMinutes(1), tx -> {
                    Progress progress = new Progress(tx.progress(scene.processor, Progress.asks(advances)));
                    if (!progress.isStale(advances)) {
                        write(transactions.connection());
                        progress.done(advances);
                    }
                    FinishResult finished = finish.with(tx, progress.writes());
                    boolean done = finished == FinishResult.DONE || finished == FinishResult.DONE_LANE_CONTINUES;
                    return new Verdict<>(done, finished);
                });
            } while (result instanceof TransactionResult.RolledBack<FinishResult> rolledBack
                    && rolledBack.value() == FinishResult.OVERTAKEN);
            assertThat(result).isInstanceOf(TransactionResult.Committed.class);
        }

        private void write(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("delete from entities where id = '" + entity.key() + "'");
                if (!deletes) {
                    statement.execute("insert into entities values ('" + entity.key() + "', " + version + ")");
                }
            }
        }
    }
}

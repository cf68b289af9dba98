package io.amends.jdbc;

import io.amends.core.causality.Advance;
import io.amends.core.failure.FailedExecution;
import io.amends.core.flow.BuildSeen;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.AuditTicket;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchOutcomes;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.Counted;
import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.GroupSearch;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.NodeStatus;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.QueueCounts;
import io.amends.core.operate.StopReason;
import io.amends.core.operate.TextScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of a schema that {@link Schema} has made. Counts end at {@link QueueCounts#CAP}, so that no question
 * costs more for a million failed executions than for ten thousand; those of whole queues are read from the groups'
 * numbers. Thread-safe.
 */
public final class PostgresOperatorStore implements OperatorStore {
    /** What the groups count, together of all records. */
    private static final List<String> COUNTERS = List.of(
            "scheduled",
            "stopped",
            "running",
            "handled",
            "skipped",
            "exhausted",
            "unrecoverable",
            "switched_off",
            "waiting",
            "timed_out");

    private final SchemaName schema;
    private final ShortTransactions transactions;
    private final AuditTable audit;
    private final GroupTable groups;
    private final CauseTable causes;
    private final ClusterView cluster;
    private final WaitTable waits;
    private final BatchTable batches;
    private final FlowTable flow;
    private final String counts;
    private final String countsOfSome;

    /** Creates it over the engine's pool; nothing is asked of the database yet. */
    public PostgresOperatorStore(DataSource dataSource, SchemaName schema) {
        this.schema = schema;
        transactions = new ShortTransactions(dataSource);
        audit = new AuditTable(schema);
        groups = new GroupTable(schema);
        causes = new CauseTable(schema);
        cluster = new ClusterView(schema);
        waits = new WaitTable(schema);
        batches = new BatchTable(schema);
        flow = new FlowTable(schema);
        counts = schema.in(countsOf("", "", "", " from ${schema}.failed_execution f where "));
        // the groups name the processors that have records; of each one the records are counted by its own index
        countsOfSome = schema.in(countsOf(
                "asked as materialized (select ?::text[] as names, ?::text[] as beginnings), "
                        + "named as materialized (select distinct c.processor as name from (select processor, fingerprint"
                        + " from ${schema}.failure_group union all select processor, fingerprint"
                        + " from ${schema}.failure_group_change) c where c.fingerprint <> ''" + asked("c") + "), ",
                " where c.fingerprint <> ''" + asked("c"),
                asked("l"),
                " from named join ${schema}.failed_execution f on f.processor = named.name where "));
    }

    private static String asked(String row) {
        return " and exists (select 1 from asked a where " + row + ".processor = any(a.names) or " + row
                + ".processor like any(a.beginnings))";
    }

    /**
     * The statement that counts.
     *
     * @param asked what stands before it: which processors are asked for, or nothing
     * @param groups which groups {@code c} are meant
     * @param lanes which lanes {@code l} are meant
     * @param records the records {@code f} that are meant, up to where a condition follows
     */
    private static String countsOf(String asked, String groups, String lanes, String records) {
        return "with " + asked + "numbers as (select "
                + COUNTERS.stream()
                        .map(column -> "coalesce(sum(" + column + "), 0)::bigint as " + column)
                        .collect(Collectors.joining(", "))
                + " from (select processor, fingerprint, " + String.join(", ", COUNTERS)
                + " from ${schema}.failure_group union all select processor, fingerprint, "
                + String.join(", ", COUNTERS)
                + " from ${schema}.failure_group_change) c" + groups + "),"
                + " due as materialized (select " + capped(records, "f.status = 'FAILED' and f.due_at <= now()")
                + " as number),"
                + " lost as materialized (select count(*) as number" + records
                + "f.status = 'PREPARED' and not " + FailureConditions.in(FailureQueue.RUNNING) + "),"
                + " calm as materialized (select (select count(*) from (select 1 from ${schema}.lane l"
                + " where l.paused_at is not null and not l.released" + lanes + " limit " + QueueCounts.CAP
                + ") l) + (select count(*) from (select 1 from ${schema}.wait w"
                + " join ${schema}.lane l on l.processor = w.processor and l.lane_key = w.lane_key"
                + " and l.head_position = w.position and not l.released and l.paused_at is null" + lanes
                + " where w.failure_id is null or exists (select 1 from ${schema}.failed_execution f"
                + " where f.failure_id = w.failure_id and " + FailureConditions.in(FailureQueue.WAITING) + ") limit "
                + QueueCounts.CAP + ") w) as number)"
                // so many due that they are not counted to the end say nothing of how many are not due
                + " select now(), case when due.number < " + QueueCounts.CAP
                + " then scheduled - waiting - due.number else "
                + capped(records, FailureConditions.in(FailureQueue.SCHEDULED)) + " end as scheduled,"
                + " running - lost.number as running, stopped, scheduled + running + stopped as active, handled, skipped,"
                + " due.number + lost.number as due, waiting, exhausted, unrecoverable, switched_off, timed_out,"
                + " (select count(*) from (select 1 from ${schema}.lane l where not l.released" + lanes + " limit "
                + QueueCounts.CAP + ") l) as lanes, "
                // no record says of a lane that it is at one that failed: those that are not are few, and counted
                // instead
                + "(select count(*) from (select 1 from ${schema}.lane l where not l.released" + lanes + " limit "
                + QueueCounts.CAP + " + calm.number) l) - calm.number as failed_lanes from numbers, due, lost, calm";
    }

    private static String capped(String records, String condition) {
        return "(select count(*) from (select 1" + records + condition + " limit " + QueueCounts.CAP + ") f)";
    }

    @Override
    public List<FailedExecution> search(
            FailureSearch search, FailureSort sort, @Nullable FailureCursor after, int limit) {
        String select = "select " + FailureColumns.WITHOUT_PAYLOAD;
        return read("search", search, (session, conditions, scope) -> {
            conditions.behind(sort, after);
            if (search.text() != null && scope.newest() == null && conditions.isById()) {
                List<FailedExecution> near = session.query(
                        schema.in(select + conditions.near(limit)), conditions::bindNear, FailureColumns::read);
                if (near.size() == limit) {
                    return near;
                }
            }
            return session.query(
                    schema.in(select + conditions.first(scope, limit)),
                    statement -> conditions.bind(statement, scope),
                    FailureColumns::read);
        });
    }

    @Override
    public TextScope scopeOf(String text) {
        return transactions.single("scope", session -> FailureConditions.scopeOf(session, schema, text));
    }

    @Override
    public Counted count(FailureSearch search) {
        String limit = " limit " + QueueCounts.CAP;
        return read(
                "count",
                search,
                (session, conditions, scope) -> session.one(
                        schema.in("select now(), count(*) from (select 1" + conditions.some(scope, limit) + limit
                                + ") counted"),
                        statement -> conditions.bind(statement, scope),
                        row -> new Counted(Objects.requireNonNull(EventColumns.instant(row, 1)), row.getLong(2))));
    }

    private interface Reading<T> {
        T read(Session session, FailureConditions conditions, TextScope scope) throws SQLException;
    }

    /** One statement; for a text one before it that says in how much it is looked for, for a time one that says where. */
    private <T> T read(String verb, FailureSearch search, Reading<T> reading) {
        return search.text() == null && search.from() == null && search.to() == null
                ? transactions.single(
                        verb, session -> reading.read(session, FailureConditions.of(search), TextScope.ALL))
                : transactions.run(
                        verb,
                        session -> reading.read(
                                session,
                                FailureConditions.of(search).within(session, schema),
                                FailureConditions.scopeOf(session, schema, search.text())));
    }

    @Override
    public QueueCounts counts(ProcessorScope scope) {
        return transactions.single(
                "counts",
                session -> scope.isAll()
                        ? session.one(counts, Session.Binder.NONE, PostgresOperatorStore::readCounts)
                        : session.one(
                                countsOfSome,
                                statement -> ScopeCondition.bind(statement, 1, ScopeCondition.arrays(scope)),
                                PostgresOperatorStore::readCounts));
    }

    private static QueueCounts readCounts(ResultSet row) throws SQLException {
        SortedMap<FailureQueue, Long> failures = new TreeMap<>();
        for (FailureQueue queue : QueueCounts.QUEUES) {
            failures.put(queue, capped(row, queue.name()));
        }
        SortedMap<StopReason, Long> stopped = new TreeMap<>();
        for (StopReason reason : StopReason.values()) {
            stopped.put(reason, capped(row, reason.name()));
        }
        return new QueueCounts(
                Objects.requireNonNull(EventColumns.instant(row, 1)),
                failures,
                stopped,
                row.getLong("lanes"),
                row.getLong("failed_lanes"));
    }

    private static long capped(ResultSet row, String name) throws SQLException {
        String column = name.equals("NEEDS_OPERATOR") ? "stopped" : name.toLowerCase(Locale.ROOT);
        return Math.min(QueueCounts.CAP, row.getLong(column));
    }

    @Override
    public List<FailureGroup> groups(GroupSearch search, int limit) {
        return transactions.single("groups", session -> groups.list(session, search, limit));
    }

    @Override
    public Optional<FailureGroup> group(String fingerprint) {
        return transactions.single("group", session -> groups.find(session, fingerprint)).stream()
                .findFirst();
    }

    @Override
    public List<FailureGroup.SeenIn> seenIn(String fingerprint) {
        return transactions.single("seen in", session -> groups.seenIn(session, fingerprint));
    }

    @Override
    public List<String> why(String fingerprint) {
        return transactions.single("why", session -> causes.why(session, fingerprint));
    }

    @Override
    public void note(String fingerprint, String actor, @Nullable String note) {
        transactions.single("note", session -> groups.note(session, fingerprint, actor, note));
    }

    @Override
    public void acknowledge(String fingerprint, String actor, @Nullable Duration duration, @Nullable Long above) {
        transactions.single("acknowledge", session -> groups.acknowledge(session, fingerprint, actor, duration, above));
    }

    @Override
    public void unacknowledge(String fingerprint) {
        transactions.single("unacknowledge", session -> groups.acknowledge(session, fingerprint, null, null, null));
    }

    @Override
    public int foldGroups(int limit) {
        return transactions.run("fold groups", session -> groups.fold(session, limit));
    }

    @Override
    public List<LaneSummary> blockedLanes(
            @Nullable String processor, ProcessorScope scope, LaneSummary.@Nullable Cursor after, int limit) {
        return transactions.single(
                "blocked lanes", session -> cluster.blocked(session, processor, scope, after, limit));
    }

    @Override
    public List<LaneSummary> lanesOf(String key, @Nullable String processor, ProcessorScope scope, int limit) {
        return transactions.single("lanes of a key", session -> cluster.ofKey(session, key, processor, scope, limit));
    }

    @Override
    public int dependents(String processor, Collection<Advance> advances, ProcessorScope scope, int most) {
        return advances.isEmpty()
                ? 0
                : transactions.single(
                        "dependents", session -> waits.dependents(session, processor, advances, scope, most));
    }

    @Override
    public Optional<LaneSummary> lane(String processor, String key) {
        return transactions.single("lane", session -> cluster.lane(session, processor, key));
    }

    @Override
    public String laneMark() {
        return transactions.single("lane mark", cluster::mark);
    }

    @Override
    public List<LaneSummary.Entry> laneEvents(String processor, String key, long after, int limit) {
        return transactions.single("lane events", session -> cluster.events(session, processor, key, after, limit));
    }

    @Override
    public Optional<LaneSummary.Done> lastDone(String processor, String key) {
        return transactions.single("last done", session -> cluster.lastDone(session, processor, key));
    }

    @Override
    public List<NodeStatus> nodes() {
        return transactions.single("nodes", cluster::nodes);
    }

    @Override
    public FlowNow flowNow() {
        return transactions.run("flow now", flow::now);
    }

    @Override
    public List<FlowPoint> flow(FlowSearch search) {
        return transactions.single("flow", session -> flow.points(session, search));
    }

    @Override
    public List<BuildSeen> buildsSeen(Instant from, Instant to, int limit) {
        return transactions.single("builds seen", session -> flow.builds(session, from, to, limit));
    }

    @Override
    public BatchPlan planBatch(BatchPlan.Draft draft) {
        return transactions.run("plan batch", session -> batches.plan(session, draft));
    }

    @Override
    public BatchDecision.Result changeBatch(String id, BatchDecision decision) {
        return transactions.run("change batch", session -> batches.change(session, id, decision));
    }

    @Override
    public Optional<Batch> batch(String id) {
        return transactions.single("batch", session -> batches.find(session, id));
    }

    @Override
    public List<Batch> batches(ProcessorScope scope, @Nullable String before, int limit) {
        return transactions.single("batches", session -> batches.list(session, scope, before, limit));
    }

    @Override
    public List<Batch.Item> items(String batch, Batch.@Nullable ItemState state, int after, int limit) {
        return transactions.single("items", session -> batches.items(session, batch, state, after, limit));
    }

    @Override
    public BatchOutcomes outcomes(String batch) {
        return transactions.single("batch outcomes", session -> batches.outcomes(session, batch));
    }

    @Override
    public List<Batch> takeBatches(String node, Duration lease) {
        return transactions.single("take batches", session -> batches.take(session, node, lease));
    }

    @Override
    public List<Batch.ItemState> settleBatch(String batch, String node) {
        return transactions.run("settle batch", session -> batches.settle(session, batch, node));
    }

    @Override
    public int beginItems(String batch, String node, int limit) {
        return transactions.run("begin items", session -> batches.begin(session, batch, node, limit));
    }

    @Override
    public List<Batch.Begun> uncommanded(String batch, String node, int limit) {
        return transactions.single("uncommanded", session -> batches.uncommanded(session, batch, node, limit));
    }

    @Override
    public void endItems(String batch, String node, List<Batch.Item> items) {
        transactions.run("end items", session -> batches.end(session, batch, node, items));
    }

    @Override
    public int pruneBatches(Duration keep, int limit) {
        return transactions.single("prune batches", session -> batches.prune(session, keep, limit));
    }

    @Override
    public AuditTicket begin(AuditEntry entry, AuditTicket.@Nullable Key key) {
        return transactions.run("begin", session -> audit.begin(session, entry, key));
    }

    @Override
    public void end(long n, AuditOutcome outcome) {
        transactions.single("end", session -> audit.end(session, n, outcome));
    }

    @Override
    public List<AuditLine> audit(AuditSearch search, @Nullable Long before, int limit) {
        return transactions.single("audit", session -> audit.list(session, search, before, limit));
    }

    @Override
    public int pruneGroups(Duration keep, int limit) {
        return transactions.single("prune groups", session -> groups.prune(session, keep, limit));
    }

    @Override
    public int pruneAudit(Duration keep, int limit) {
        return transactions.single("prune audit", session -> audit.prune(session, keep, limit));
    }

    @Override
    public int forgetRequestKeys(Duration keep, int limit) {
        return transactions.single("forget request keys", session -> audit.forgetKeys(session, keep, limit));
    }
}

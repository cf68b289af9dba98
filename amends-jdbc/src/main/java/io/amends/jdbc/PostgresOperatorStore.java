package io.amends.jdbc;

import io.amends.core.failure.FailedExecution;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.AuditTicket;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
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
import io.amends.core.operate.QueueCounts;
import io.amends.core.operate.StopReason;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of a schema that {@link Schema} has made. Counts end at {@link QueueCounts#CAP}, so that no question
 * costs more for a million failed executions than for ten thousand. Thread-safe.
 */
public final class PostgresOperatorStore implements OperatorStore {
    private static final List<FailureQueue> COUNTED = List.of(
            FailureQueue.SCHEDULED,
            FailureQueue.RUNNING,
            FailureQueue.WAITING,
            FailureQueue.NEEDS_OPERATOR,
            FailureQueue.ACTIVE,
            FailureQueue.HANDLED,
            FailureQueue.SKIPPED);

    private final SchemaName schema;
    private final ShortTransactions transactions;
    private final AuditTable audit;
    private final GroupTable groups;
    private final ClusterView cluster;
    private final BatchTable batches;
    private final String counts;

    /** Creates it over the engine's pool; nothing is asked of the database yet. */
    public PostgresOperatorStore(DataSource dataSource, SchemaName schema) {
        this.schema = schema;
        transactions = new ShortTransactions(dataSource);
        audit = new AuditTable(schema);
        groups = new GroupTable(schema);
        cluster = new ClusterView(schema);
        batches = new BatchTable(schema);
        List<String> columns = new ArrayList<>(List.of("now()"));
        COUNTED.forEach(queue -> columns.add(capped(FailureConditions.in(queue))));
        // one index each; both in one condition would read every active record
        columns.add(capped("f.status = 'FAILED' and f.due_at <= now()"));
        columns.add(capped("f.status = 'PREPARED' and not " + FailureConditions.in(FailureQueue.RUNNING)));
        for (StopReason reason : StopReason.values()) {
            columns.add(capped(FailureConditions.in(reason)));
        }
        columns.add("(select count(*) from (select 1 from ${schema}.lane where not released limit " + QueueCounts.CAP
                + ") l)");
        counts = schema.in("select " + String.join(", ", columns));
    }

    private static String capped(String condition) {
        return "(select count(*) from (select 1 from ${schema}.failed_execution f where " + condition + " limit "
                + QueueCounts.CAP + ") f)";
    }

    @Override
    public List<FailedExecution> search(
            FailureSearch search, FailureSort sort, @Nullable FailureCursor after, int limit) {
        FailureConditions conditions = FailureConditions.of(search).behind(sort, after);
        String order = switch (sort) {
            case NEWEST -> "f.failure_id desc";
            case OLDEST -> "f.failure_id";
            case NEXT -> "f.due_at, f.failure_id";
        };
        String sql = schema.in(
                "select " + FailureColumns.WITHOUT_PAYLOAD + conditions.from() + " order by " + order + " limit ?");
        return transactions.single(
                "search",
                session -> session.query(
                        sql, statement -> statement.setInt(conditions.bind(statement), limit), FailureColumns::read));
    }

    @Override
    public Counted count(FailureSearch search) {
        FailureConditions conditions = FailureConditions.of(search);
        String sql = schema.in("select now(), count(*) from (select 1" + conditions.from() + " limit " + QueueCounts.CAP
                + ") counted");
        return transactions.single(
                "count",
                session -> session.one(
                        sql,
                        statement -> conditions.bind(statement),
                        row -> new Counted(Objects.requireNonNull(EventColumns.instant(row, 1)), row.getLong(2))));
    }

    @Override
    public QueueCounts counts() {
        return transactions.single(
                "counts", session -> session.one(counts, Session.Binder.NONE, PostgresOperatorStore::readCounts));
    }

    private static QueueCounts readCounts(ResultSet row) throws SQLException {
        int i = 1;
        Instant asOf = Objects.requireNonNull(EventColumns.instant(row, i++));
        SortedMap<FailureQueue, Long> failures = new TreeMap<>();
        for (FailureQueue queue : COUNTED) {
            failures.put(queue, row.getLong(i++));
        }
        failures.put(FailureQueue.DUE, Math.min(QueueCounts.CAP, row.getLong(i++) + row.getLong(i++)));
        SortedMap<StopReason, Long> stopped = new TreeMap<>();
        for (StopReason reason : StopReason.values()) {
            stopped.put(reason, row.getLong(i++));
        }
        return new QueueCounts(asOf, failures, stopped, row.getLong(i));
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
    public List<LaneSummary> blockedLanes(@Nullable String processor, LaneSummary.@Nullable Cursor after, int limit) {
        return transactions.single("blocked lanes", session -> cluster.blocked(session, processor, after, limit));
    }

    @Override
    public Optional<LaneSummary> lane(String processor, String key) {
        return transactions.single("lane", session -> cluster.lane(session, processor, key));
    }

    @Override
    public List<LaneSummary.Entry> laneEvents(String processor, String key, long after, int limit) {
        return transactions.single("lane events", session -> cluster.events(session, processor, key, after, limit));
    }

    @Override
    public List<NodeStatus> nodes() {
        return transactions.single("nodes", cluster::nodes);
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
    public List<Batch> batches(@Nullable String before, int limit) {
        return transactions.single("batches", session -> batches.list(session, before, limit));
    }

    @Override
    public List<Batch.Item> items(String batch, Batch.@Nullable ItemState state, int after, int limit) {
        return transactions.single("items", session -> batches.items(session, batch, state, after, limit));
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
    public List<Batch.Item> uncommanded(String batch, String node, int limit) {
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
}

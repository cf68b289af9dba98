package io.amends.crash;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** What was committed, what took effect, and whether the two agree. */
final class Ledger {
    private static final String EXPECTED = """
            with expected (processor, uid) as (
                select 'effects', uid from ledger where kind = 'work'
                union all select 'audit', uid from ledger where kind = 'work'
                union all select 'echoes', uid from ledger where kind = 'echo')
            """;
    /** No constraint keeps an effect from happening twice: the product must. */
    private static final String TABLES = """
            create table ledger (uid text primary key, kind text not null, key text not null, seq bigint not null);
            create table key_number (key text primary key, last bigint not null) with (fillfactor = 50);
            create table effect (
                id bigint generated always as identity primary key,
                processor text not null, uid text not null, key text not null, seq bigint not null);
            create table fault (percent int not null);
            insert into fault values (0);
            """;

    private final DataSource database;

    Ledger(DataSource database) {
        this.database = database;
    }

    void create() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(TABLES);
        }
    }

    /** Notes, in the transaction that publishes it, that an event exists. */
    static void enter(Connection connection, String kind, Work work) throws SQLException {
        insert(connection, "insert into ledger (uid, kind, key, seq) values (?, ?, ?, ?)", work, kind);
    }

    /** The effect of an event, in its handler's transaction. */
    static void takeEffect(Connection connection, String processor, Work work) throws SQLException {
        insert(connection, "insert into effect (uid, processor, key, seq) values (?, ?, ?, ?)", work, processor);
    }

    private static void insert(Connection connection, String sql, Work work, String second) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, work.uid());
            statement.setString(2, second);
            statement.setString(3, work.key());
            statement.setLong(4, work.seq());
            statement.executeUpdate();
        }
    }

    /** Whether the fault that FAULTY work meets is there for this one. */
    static boolean isFaulty(Connection connection, Work work) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select ? % 100 < percent from fault")) {
            statement.setLong(1, work.seq());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    /** Lets FAULTY work of so many of a hundred numbers fail. */
    void fault(int percent) throws SQLException {
        execute("update fault set percent = " + percent);
    }

    /** Publishes FAULTY work, each of a key of its own, with numbers that spread what fails. */
    void publishFaulty(int events) throws SQLException {
        execute("insert into amends.outbox (id, source, type, time, datacontenttype, data, key)"
                + " select 'faulty-' || n, '/crash', 'work', now(), 'text/plain', convert_to('faulty-' || n || '|key-' || n"
                + " || '|' || (1 + 4 * (n * 37 % 100)) || '|FAULTY|1000000', 'UTF8'), 'key-' || n"
                + " from generate_series(1, " + events + ") n");
    }

    /** Effects of this processor. */
    long effects(String processor) throws SQLException {
        return number("select count(*) from effect where processor = '" + processor + "'");
    }

    /** Transactions in which they took effect. */
    long transactions(String processor) throws SQLException {
        return number("select count(distinct xmin::text) from effect where processor = '" + processor + "'");
    }

    /** Events that took effect more than once. */
    long repeated() throws SQLException {
        return number("select count(*) from (select from effect group by processor, uid having count(*) > 1) twice");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The newest effect, 0 if there is none. */
    long newestEffect() throws SQLException {
        return number("select coalesce(max(id), 0) from effect");
    }

    /** How many events were committed. */
    long committed() throws SQLException {
        return number("select count(*) from ledger");
    }

    /** What is still to come, by name; empty when everything has drained. */
    List<String> open() throws SQLException {
        List<String> open = new ArrayList<>();
        count(
                open,
                "without effect",
                EXPECTED + "select count(*) from (select processor, uid from expected"
                        + " except all select processor, uid from effect) missing");
        count(open, "in the outbox", "select count(*) from amends.outbox");
        count(open, "in lanes", "select count(*) from amends.lane_event");
        count(open, "lanes", "select count(*) from amends.lane");
        count(
                open,
                "failed executions not done",
                "select count(*) from amends.failed_execution where status in ('FAILED', 'PREPARED')");
        return open;
    }

    /** What must never be, with examples; empty if all is well. */
    List<String> breaches() throws SQLException {
        List<String> breaches = new ArrayList<>();
        list(
                breaches,
                "took effect more than once",
                "select processor, uid, count(*) from effect group by 1, 2 having count(*) > 1");
        list(
                breaches,
                "took effect without being committed",
                EXPECTED + "select processor, uid, id from effect e where not exists ("
                        + "select 1 from expected x where x.processor = e.processor and x.uid = e.uid)");
        list(
                breaches,
                "out of order",
                "select processor, key, seq from (select processor, key, seq, lag(seq) over"
                        + " (partition by processor, key order by id) as before from effect"
                        + " where processor in ('effects', 'echoes')) e where before >= seq");
        list(breaches, "rejected", "select type, id, reason from amends.rejected");
        return breaches;
    }

    /** What those wait for that are still open, for whoever has to find out why. */
    List<String> reasons() throws SQLException {
        List<String> reasons = new ArrayList<>();
        list(
                reasons,
                "failed execution",
                "select f.failure_id, f.status || ' ' || f.processor || '/' || f.slot || ' lane ' || coalesce(f.lane_key, '-')"
                        + " || ' attempt ' || f.attempt || ' lost ' || f.lost_attempts || ' fence ' || f.fence || ' on ' || f.node"
                        + " || ' due in ' || coalesce((f.due_at - now())::text, '-')"
                        + " || ' times out in ' || coalesce((f.timeout_at - now())::text, '-'),"
                        + " 'cursor ' || c.position || ' fence ' || c.fence || ' owner ' || coalesce(c.owner, '-')"
                        + " from amends.failed_execution f join amends.cursor c using (processor, slot)"
                        + " where f.status in ('FAILED', 'PREPARED')");
        list(
                reasons,
                "lane",
                "select l.processor || '/' || l.slot || ' ' || l.lane_key, 'head ' || l.head_position || ' released ' || l.released,"
                        + " (select string_agg(e.kind || ' ' || e.position, ', ' order by e.position) from amends.lane_event e"
                        + " where e.processor = l.processor and e.lane_key = l.lane_key) from amends.lane l");
        list(
                reasons,
                "cursor behind",
                "select c.processor || '/' || c.slot, c.position || ' of ' || h.position,"
                        + " coalesce(c.owner, 'no owner') from amends.cursor c, amends.head h where c.position < h.position");
        return reasons;
    }

    private void count(List<String> found, String name, String sql) throws SQLException {
        long number = number(sql);
        if (number > 0) {
            found.add(number + " " + name);
        }
    }

    private void list(List<String> found, String name, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql + " limit 10")) {
            while (rows.next()) {
                found.add(name + ": " + rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
            }
        }
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}

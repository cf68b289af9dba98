package io.amends.benchmarks;

import java.sql.SQLException;

/** Rows that are there before the engine starts. */
final class Preloads {
    private Preloads() {}

    /** Published events; number n has key n modulo keys. */
    static void fillOutbox(Database database, int events, int keys) throws SQLException {
        database.execute("insert into amends.outbox (id, source, type, time, datacontenttype, data, key)"
                + " select 'preloaded-' || n, '/bench', '" + Line.TYPE + "', now(), 'text/plain',"
                + " convert_to(n || '|key-' || n % " + keys + " || '|' || repeat('-', 80), 'UTF8'),"
                + " 'key-' || n % " + keys
                + " from generate_series(0, " + (events - 1) + ") as n order by n");
        database.execute("vacuum analyze amends.outbox");
    }

    /** Open failed executions that only a person can have retried, each the only one of its lane. */
    static void fillFailures(Database database, int records) throws SQLException {
        String event = "'preloaded-' || n, '/bench', '" + Line.TYPE + "', convert_to(repeat('-', 100), 'UTF8'),"
                + " 'preloaded-' || n";
        database.execute("insert into amends.failed_execution (failure_id, processor, slot, lane_key, stops_slot,"
                + " position, id, source, type, data, key, function, reason, error_code, error_message, error_causes,"
                + " error_bindings, error_stack, fingerprint, first_failed_at, executed_at, retry_enabled, max_retries,"
                + " min_backoff_ms, execution_timeout_ms, max_backoff_ms, jitter, attempt, retries, lost_attempts,"
                + " requested, retry_at, node, fence, status, recoverability, build)"
                + " select 'preloaded-' || n, 'bench', n % 128, 'preloaded-' || n, false, -n, " + event
                + ", 'on', 'HANDLER_FAILED', 'java.lang.IllegalStateException', 'a message', '[]', '[]',"
                + " repeat('at io.example.Class.method(Class.java:1)' || chr(10), 20), 'f' || n % 1000,"
                + " now(), now(), true, 10, 180000, 120000, 0, 0, 1, 0, 0, false, now(), 'a node', 0, 'FAILED',"
                + " 'UNRECOVERABLE', 'a build' from generate_series(1, " + records + ") as n");
        database.execute("insert into amends.lane (processor, lane_key, slot, head_position, released, stops_slot)"
                + " select 'bench', 'preloaded-' || n, n % 128, -n, false, false from generate_series(1, " + records
                + ") as n");
        database.execute("insert into amends.lane_event (processor, lane_key, position, origin, kind, failure_id, id,"
                + " source, type, data, key) select 'bench', 'preloaded-' || n, -n, 'local', 'FAILED', 'preloaded-' || n, "
                + event + " from generate_series(1, " + records + ") as n");
        database.execute("vacuum analyze");
        database.execute("checkpoint");
    }

    /** Waits for versions that nobody does, several in each lane; each entity is awaited by one event of each lane. */
    static void fillWaits(Database database, int waits, int keys) throws SQLException {
        String lane = "'waiting-' || n % " + keys;
        String from = " from generate_series(1, " + waits + ") as n";
        database.execute("insert into amends.progress (processor, stream, key, epoch, version, awaited)"
                + " select 'bench', 'never', 'entity-' || n, -9223372036854775807 - 1, -9223372036854775807 - 1, true"
                + " from generate_series(0, " + (waits / keys - 1) + ") as n");
        database.execute("insert into amends.lane (processor, lane_key, slot, head_position, released, stops_slot)"
                + " select 'bench', 'waiting-' || n, n % 128, (case n when 0 then " + keys + " else n end) - " + waits
                + " - 1, false, false from generate_series(0, " + (keys - 1) + ") as n");
        database.execute("insert into amends.lane_event (processor, lane_key, position, origin, kind, id, source, type,"
                + " data, key) select 'bench', " + lane + ", n - " + waits
                + " - 1, 'local', 'WAITING', 'waiting-' || n,"
                + " '/bench', '" + Line.TYPE + "', convert_to(repeat('-', 100), 'UTF8'), " + lane + from);
        database.execute("insert into amends.wait (processor, position, slot, lane_key, kind, awaited_processor,"
                + " awaited_stream, awaited_key, awaited_epoch, awaited_version, what, since, tries, timeout_at, then_what)"
                + " select 'bench', n - " + waits + " - 1, n % " + keys + " % 128, " + lane + ", 'VERSION', 'bench',"
                + " 'never', 'entity-' || n / " + keys + ", 0, 1, 'version 1 of never', now(), 1,"
                + " now() + interval '1 hour', 'FAIL'" + from);
        database.execute("vacuum analyze");
        database.execute("checkpoint");
    }
}

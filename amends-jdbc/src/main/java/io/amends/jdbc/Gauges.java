package io.amends.jdbc;

import io.amends.core.store.ProcessorGauge;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** How far every processor is; one query, whose counts are bounded. */
final class Gauges {
    /** Counting further tells a person nothing more. */
    private static final int CAP = 10_001;

    private final String gauges;

    Gauges(SchemaName schema) {
        gauges =
                schema.in("select p.name, c.position, h.position, (extract(epoch from now() - o.at) * 1000000)::bigint,"
                        + " f.n, e.n, c.unowned, p.paused from ${schema}.processor p cross join ${schema}.head h"
                        + " cross join lateral (select coalesce(min(c.position), 0) as position, count(*) filter"
                        + " (where c.owner is null or not exists (select 1 from ${schema}.node n where n.id = c.owner"
                        + " and n.expires_at > now())) as unowned from ${schema}.cursor c where c.processor = p.name) c"
                        + " left join lateral (select i.at from ${schema}.inbox i where i.position > c.position"
                        + " order by i.position limit 1) o on true"
                        + " cross join lateral (select count(*) as n from (select 1 from ${schema}.failed_execution f"
                        + " where f.processor = p.name and f.status in ('FAILED', 'PREPARED') limit " + CAP + ") f) f"
                        + " cross join lateral (select count(*) as n from (select 1 from ${schema}.lane_event e"
                        + " where e.processor = p.name and e.kind = 'PARKED' limit " + CAP + ") e) e order by p.name");
    }

    List<ProcessorGauge> read(Session session) throws SQLException {
        return session.query(gauges, Session.Binder.NONE, row -> {
            long oldest = row.getLong(4);
            Duration age = row.wasNull() ? null : Duration.ofNanos(oldest * 1_000);
            return new ProcessorGauge(
                    row.getString(1),
                    row.getLong(2),
                    row.getLong(3),
                    age,
                    row.getLong(5),
                    row.getLong(6),
                    row.getInt(7),
                    row.getBoolean(8));
        });
    }
}

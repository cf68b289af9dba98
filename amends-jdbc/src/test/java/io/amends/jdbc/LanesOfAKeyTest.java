package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanesOfAKeyTest {
    private final MigratedSchema migrated = MigratedSchema.take();

    @AfterEach
    void giveBack() {
        migrated.close();
    }

    @Test
    void theLanesOfAKeyAreFoundByIndexes() throws Exception {
        String sql = ClusterView.ofKey(migrated.name, "true");
        for (String parameter : List.of("'4711'", "'4711'", "'4711'", "10")) {
            sql = sql.replaceFirst("\\?", parameter);
        }
        List<String> plan = new ArrayList<>();
        try (HikariDataSource pool = TestServer.pool(1);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            // as many as make a difference: of a small table any way is as good
            statement.execute(migrated.name.in(
                    "insert into ${schema}.lane (processor, lane_key, slot, head_position, released, stops_slot)"
                            + " select 'points', 'acme/' || n, 0, n, false, false from generate_series(1, 5000) n;"
                            + " insert into ${schema}.lane_event (processor, lane_key, position, origin, kind, id, source, type, key)"
                            + " select 'points', 'acme/' || n, n, '', 'PARKED', n::text, '/shop', 'paid', 'order-' || n"
                            + " from generate_series(1, 5000) n;"
                            + " analyze ${schema}.lane; analyze ${schema}.lane_event"));
            try (ResultSet rows = statement.executeQuery("explain " + sql)) {
                while (rows.next()) {
                    plan.add(rows.getString(1));
                }
            }
        }
        assertThat(plan)
                .anyMatch(line -> line.contains("lane_behind_tenant"))
                .anyMatch(line -> line.contains("lane_event_key"))
                .noneMatch(line -> line.contains("Seq Scan on lane"));
    }

    @Test
    void whatWasDoneLastIsLookedForInTwoSlicesOfTheInbox() throws Exception {
        String sql = ClusterView.lastDone(migrated.name)
                .replaceFirst("\\?", "'points'")
                .replaceFirst("\\?", "'k9'");
        List<String> plan = new ArrayList<>();
        try (HikariDataSource pool = TestServer.pool(1);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(migrated.name.in(
                    "insert into ${schema}.processor (name, mapping, mapping_from, slots, registered_position)"
                            + " values ('points', 'order=KEY key= slots=1', 1, 1, 0);"
                            + " insert into ${schema}.processor_function values ('points', 'paid', 'on');"
                            + " insert into ${schema}.cursor (processor, slot, position) values ('points', 0, 20000);"
                            + " insert into ${schema}.lane (processor, lane_key, slot, head_position, released, stops_slot)"
                            + " values ('points', 'k9', 0, 10000, false, false);"
                            + " insert into ${schema}.inbox (position, origin, id, source, type, key)"
                            + " select n, '', n::text, '/shop', 'paid', 'k' || n % 5000 from generate_series(1, 20000) n;"
                            + " analyze ${schema}.inbox"));
            try (ResultSet rows =
                    statement.executeQuery("explain (analyze, costs off, timing off, summary off) " + sql)) {
                while (rows.next()) {
                    plan.add(rows.getString(1));
                }
            }
        }
        assertThat(plan)
                .as("plan %s", String.join("\n", plan))
                .filteredOn(line -> line.contains("inbox"))
                .hasSize(2)
                .allMatch(line -> line.contains("using inbox_pkey") && line.contains("rows=1000"));
    }
}

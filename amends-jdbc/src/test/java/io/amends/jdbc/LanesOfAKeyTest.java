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
        String sql = ClusterView.ofKey(migrated.name);
        for (String parameter : List.of("'4711'", "'4711'", "'4711'", "10")) {
            sql = sql.replaceFirst("\\?", parameter);
        }
        List<String> plan = new ArrayList<>();
        try (HikariDataSource pool = TestServer.pool(1);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            // small tables are read as a whole unless that is forbidden; what has no index is read so all the same
            statement.execute("set enable_seqscan = off");
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
}

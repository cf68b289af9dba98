package io.amends.examples.loyalty.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedServerTest {
    @TempDir
    Path directory;

    @Test
    void writesAreDurableAndStayFromStartToStart() throws Exception {
        Path data = directory.resolve("a directory/that is new");
        try (EmbeddedServer server = EmbeddedServer.open(data, 0)) {
            assertThat(value(server, "show fsync")).isEqualTo("on");
            assertThat(value(server, "show synchronous_commit")).isEqualTo("on");
            value(server, "create table kept as select 42 as answer; select 1");
        }
        assertThat(data.resolve("cluster/postmaster.pid")).doesNotExist();
        // left by a server that was killed, its number now another process's
        Files.writeString(
                data.resolve("cluster/postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + data + "\n1\n54321\n\nlocalhost\n\nready\n");
        try (EmbeddedServer server = EmbeddedServer.open(data, 0)) {
            assertThat(value(server, "select answer from kept")).isEqualTo("42");
            try (Connection forgotten = DriverManager.getConnection(server.url(), EmbeddedServer.USER, "")) {
                forgotten.setAutoCommit(false);
                server.close();
            }
        }
    }

    private static String value(EmbeddedServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url(), EmbeddedServer.USER, "");
                Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            while (!rows) {
                rows = statement.getMoreResults();
            }
            ResultSet row = statement.getResultSet();
            row.next();
            return row.getString(1);
        }
    }
}

package io.amends.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.RetryPolicy;
import io.amends.console.Access;
import io.amends.console.ConsolePage;
import io.amends.console.OperatorApi;
import io.amends.console.http.ConsoleHttpHandler;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.examples.docs.GettingStartedSnippets.OrderPaid;
import io.amends.jackson.JacksonEventCodec;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresOperatorStore;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import io.amends.jdbc.Schema;
import io.amends.jdbc.SchemaName;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The engine without any framework, as the documentation shows it. */
class PlainJavaTest {

    @Test
    void aFewLinesAreEnough() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.start();
                HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(server.getJdbcUrl("postgres", "postgres"));
            pool.setMaximumPoolSize(24);
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table score (user_id text primary key, points bigint)");
            }
            run(pool);
        }
    }

    @Test
    void theConsoleRunsOnTheServerOfTheJdk() throws Exception {
        try (EmbeddedPostgres database = EmbeddedPostgres.start();
                HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(database.getJdbcUrl("postgres", "postgres"));
            new Schema(pool, SchemaName.DEFAULT).run(Schema.Mode.MIGRATE);
            PlainJdbcTransactions transactions = new PlainJdbcTransactions(pool);
            PostgresOperatorStore operatorStore = new PostgresOperatorStore(pool, SchemaName.DEFAULT);
            JacksonEventCodec codec = new JacksonEventCodec();
            try (PostgresStore store = new PostgresStore(PostgresStoreSettings.of(transactions, pool));
                    AmendsEngine engine = AmendsEngine.builder(store)
                            .operatorStore(operatorStore)
                            .settings(EngineSettings.defaults("/shop"))
                            .codec(codec)
                            .build()) {
                serve(engine, operatorStore, 0);
            }
        }
    }

    private static void serve(AmendsEngine engine, PostgresOperatorStore operatorStore, int port) throws Exception {
        OperatorApi api = new OperatorApi(engine.operations(), operatorStore, new Access(false), true);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/amends", new ConsoleHttpHandler(api, ConsolePage.load()));
        server.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI counts = URI.create("http://localhost:" + server.getAddress().getPort() + "/amends/api/v1/counts");
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(counts).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        } finally {
            api.close();
            server.stop(0);
        }
    }

    private static void run(HikariDataSource pool) throws Exception {
        PlainJdbcTransactions transactions = new PlainJdbcTransactions(pool);
        new Schema(pool, SchemaName.DEFAULT).run(Schema.Mode.MIGRATE);
        PostgresStore store = new PostgresStore(PostgresStoreSettings.of(transactions, pool));
        JacksonEventCodec codec = new JacksonEventCodec();
        ProcessorSpec points = ProcessorSpec.named("points").on(OrderPaid.class, (paid, delivery) -> {
            try (PreparedStatement add = transactions
                    .connection()
                    .prepareStatement("insert into score values (?, ?)"
                            + " on conflict (user_id) do update set points = score.points + excluded.points")) {
                add.setString(1, paid.userId());
                add.setLong(2, paid.amount().longValue());
                add.executeUpdate();
            }
        });
        AmendsEngine engine = AmendsEngine.builder(store)
                .settings(EngineSettings.defaults("/shop"))
                .codec(codec)
                .processors(new ProcessorBinder(codec, RetryPolicy.DEFAULT)
                        .add(points)
                        .bind())
                .build();
        engine.start();
        try {
            transactions.inTransaction(() -> {
                // your own statements, on transactions.connection()
                engine.publisher().publish(new OrderPaid("o1", "u1", new BigDecimal(42)));
                return null;
            });
            await().atMost(Duration.ofSeconds(20)).until(() -> score(pool) > 0);
            assertThat(score(pool)).isEqualTo(42);
        } finally {
            engine.close();
            store.close();
        }
    }

    private static long score(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select coalesce(sum(points), 0) from score where user_id = 'u1'")) {
            row.next();
            return row.getLong(1);
        }
    }
}

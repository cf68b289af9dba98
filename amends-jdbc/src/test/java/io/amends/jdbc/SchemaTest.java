package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.core.operate.Batch;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.StopReason;
import io.amends.core.operate.TextScope;
import io.amends.core.store.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Making and checking the schema. */
class SchemaTest {
    private static final DataSource POOL = TestServer.pool(10);

    private final SchemaName name = TestServer.newSchema();
    private final Schema schema = new Schema(POOL, name);

    @AfterEach
    void drop() {
        execute("drop schema if exists ${schema} cascade");
    }

    @Test
    void migratingMakesAValidSchemaOnce() {
        assertThat(schema.run(Schema.Mode.MIGRATE)).contains("create table");
        assertThat(schema.run(Schema.Mode.VALIDATE)).isEmpty();
        assertThat(schema.run(Schema.Mode.MIGRATE)).as("again").isEmpty();
        assertThat(number("select count(*) from ${schema}.schema_history")).isEqualTo(Schema.MIGRATIONS.size());
    }

    @Test
    void migratingAnalysesTheTables() {
        schema.run(Schema.Mode.MIGRATE);

        assertThat(TestServer.number(
                        POOL,
                        "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '"
                                + name + "' and c.relname = 'head' and c.reltuples = 1"))
                .isEqualTo(1);
    }

    @Test
    void instancesThatStartTogetherMigrateOnce() throws Exception {
        List<FutureTask<String>> starting = IntStream.range(0, 4)
                .mapToObj(i -> {
                    FutureTask<String> task = new FutureTask<>(() -> new Schema(POOL, name).run(Schema.Mode.MIGRATE));
                    Thread.ofPlatform().start(task);
                    return task;
                })
                .toList();
        int made = 0;
        for (FutureTask<String> task : starting) {
            made += task.get().isEmpty() ? 0 : 1;
        }

        assertThat(made).isEqualTo(1);
        schema.run(Schema.Mode.VALIDATE);
    }

    @Test
    void thePrintedSqlMakesAValidSchema() {
        execute(schema.run(Schema.Mode.PRINT));

        schema.run(Schema.Mode.VALIDATE);
        assertThat(schema.run(Schema.Mode.MIGRATE)).isEmpty();
    }

    @Test
    void whoMayNotInstallTrigramsSearchesTheNewestUntilSomebodyDoes() {
        String database = name + "_bare";
        execute("create role " + name + "_owner login");
        execute("create database " + database);
        try (HikariDataSource admin = TestServer.poolOf(database, "postgres");
                HikariDataSource owner = TestServer.poolOf(database, name + "_owner")) {
            TestServer.execute(admin, "create schema " + name + " authorization " + name + "_owner");
            String printed = new Schema(owner, name).run(Schema.Mode.PRINT);
            TestServer.execute(owner, printed.substring(printed.indexOf(';') + 1));
            OperatorStore store = new PostgresOperatorStore(owner, name);

            assertThat(store.scopeOf("closed")).isEqualTo(new TextScope(FailureSearch.TEXT_HORIZON));
            TestServer.execute(
                    admin,
                    name.in("create extension pg_trgm; create index failure_text_trigrams on ${schema}.failure_text"
                            + " using gin (text gin_trgm_ops)"));
            assertThat(store.scopeOf("closed")).isEqualTo(TextScope.ALL);
            assertThat(store.scopeOf("a b")).as("nothing to look up").isEqualTo(new TextScope(100_000));
        } finally {
            execute("drop database " + database);
            execute("drop role " + name + "_owner");
        }
    }

    @Test
    void batchesAndNumbersOfSchemaSixAreTakenAlong() {
        execute("create schema ${schema}");
        for (String migration : Schema.MIGRATIONS.subList(0, 6)) {
            execute(resource("schema/" + migration));
        }
        execute(resource("before-V007.sql"));
        execute(resource("schema/" + Schema.MIGRATIONS.get(6)));

        OperatorStore store = new PostgresOperatorStore(POOL, name);
        assertThat(store.items("b-1", null, 0, 10))
                .extracting(item -> item.n() + " " + item.failure() + " " + item.state())
                .containsExactly("1 f-1 HANDLED", "2 f-2 RUNNING", "3 f-3 WAITING", "4 f-4 WAITING");
        assertThat(store.items("b-2", Batch.ItemState.SKIPPED, 0, 10))
                .extracting(item -> item.n() + " " + item.code())
                .containsExactly("1 cancelled");
        assertThat(store.beginItems("b-1", "node-1", 1)).isEqualTo(1);
        assertThat(store.batch("b-1").orElseThrow().numbers()).isEqualTo(new Batch.Numbers(4, 1, 2, 1, 0, 0));
        for (String migration : Schema.MIGRATIONS.subList(7, Schema.MIGRATIONS.size())) {
            execute(resource("schema/" + migration));
        }
        assertThat(store.counts().failures().get(FailureQueue.NEEDS_OPERATOR)).isEqualTo(4);
        assertThat(store.counts().needsOperator().get(StopReason.EXHAUSTED)).isEqualTo(4);
        assertThat(store.count(new FailureSearch(Set.of(), null, null, new TreeMap<>(), null, null, "closed for f-3"))
                        .number())
                .isEqualTo(1);
    }

    private String resource(String file) {
        try (InputStream in = Schema.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aMissingSchemaIsNotValid() {
        assertThatThrownBy(() -> schema.run(Schema.Mode.VALIDATE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(name + ".schema_history")
                .hasMessageContaining("MIGRATE");
    }

    @Test
    void everythingThatIsWrongIsListedAtOnce() {
        schema.run(Schema.Mode.MIGRATE);
        execute("drop table ${schema}.audit");
        execute("drop table ${schema}.lane_event");
        execute("alter sequence ${schema}.outbox_seq_seq cache 20");
        execute("update ${schema}.schema_history set checksum = 'other'");

        for (Schema.Mode mode : List.of(Schema.Mode.VALIDATE)) {
            assertThatThrownBy(() -> schema.run(mode))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("migration 1 initial")
                    .hasMessageContaining("another content")
                    .hasMessageContaining("table audit is missing")
                    .hasMessageContaining("table lane_event is missing")
                    .hasMessageContaining("cache 20");
        }
        assertThatThrownBy(() -> schema.run(Schema.Mode.MIGRATE)).hasMessageContaining("another content");
    }

    @Test
    void aMissingMigrationIsListed() {
        schema.run(Schema.Mode.MIGRATE);
        execute("delete from ${schema}.schema_history");

        assertThatThrownBy(() -> schema.run(Schema.Mode.VALIDATE))
                .hasMessageContaining("migration 1 initial is missing");
    }

    @Test
    void aNewerSchemaThanTheCodesIsFine() {
        schema.run(Schema.Mode.MIGRATE);
        execute("insert into ${schema}.schema_history values (999, 'later', 'x')");

        schema.run(Schema.Mode.VALIDATE);
        assertThat(schema.run(Schema.Mode.MIGRATE)).isEmpty();
    }

    @Test
    void aFailedMigrationLeavesNothing() {
        execute("create schema ${schema}");
        execute("create table ${schema}.lane (other int)");

        assertThatThrownBy(() -> schema.run(Schema.Mode.MIGRATE)).isInstanceOf(StoreSqlException.class);
        assertThat(number("select count(*) from pg_tables where schemaname = '" + name + "'"))
                .isEqualTo(1);
    }

    @Test
    @Timeout(120)
    void aMigrationThatWaitsForATableStopsNobodyElse() throws Exception {
        schema.run(Schema.Mode.MIGRATE);
        execute("delete from ${schema}.schema_history where name = 'said_by_a_person'");
        execute("alter table ${schema}.wait drop column said_by_person, drop column wakes");
        FutureTask<String> migrating = new FutureTask<>(() -> schema.run(Schema.Mode.MIGRATE));

        try (Connection reader = POOL.getConnection()) {
            reader.setAutoCommit(false);
            try (Statement statement = reader.createStatement()) {
                statement.execute(name.in("select 1 from ${schema}.wait"));
                Thread.ofVirtual().start(migrating);
                while (number(
                                "select count(*) from pg_locks where not granted and relation = '${schema}.wait'::regclass")
                        == 0) {
                    Thread.sleep(10);
                }

                assertThat(number("select count(*) from ${schema}.wait"))
                        .as("read by another, behind who waits for the table")
                        .isZero();
                assertThat(migrating.isDone()).isFalse();
            }
            reader.rollback();
        }
        assertThat(migrating.get(1, TimeUnit.MINUTES)).contains("said_by_person");
        assertThat(schema.run(Schema.Mode.VALIDATE)).isEmpty();
    }

    @Test
    void anUnreachableDatabaseIsUnavailable() {
        PGSimpleDataSource away = new PGSimpleDataSource();
        away.setUrl("jdbc:postgresql://localhost:1/postgres");

        assertThatThrownBy(() -> new Schema(away, name).run(Schema.Mode.MIGRATE))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void everyMigrationFileIsListed() throws URISyntaxException, IOException {
        Path files = Path.of(Schema.class
                        .getResource("schema/" + Schema.MIGRATIONS.get(0))
                        .toURI())
                .getParent();
        try (var listed = Files.list(files)) {
            assertThat(listed.map(file -> file.getFileName().toString()).sorted())
                    .containsExactlyElementsOf(Schema.MIGRATIONS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Amends", "1a", "a b", "a;drop table x", "a\"b", "ä", "a-b"})
    void onlyIdentifiersNameASchema(String wrong) {
        assertThatThrownBy(() -> new SchemaName(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("schema: \"" + wrong + "\"");
    }

    private void execute(String sql) {
        TestServer.execute(POOL, name.in(sql));
    }

    private long number(String sql) {
        return TestServer.number(POOL, name.in(sql));
    }
}

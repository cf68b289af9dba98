package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.store.StoreUnavailableException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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

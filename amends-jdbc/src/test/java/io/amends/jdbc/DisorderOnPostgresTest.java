package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.EventPublisher;
import io.amends.api.OutgoingEvent;
import io.amends.testkit.disorder.PostgresHistoryDatabase;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which databases a disorder test empties. */
class DisorderOnPostgresTest {
    private final HikariDataSource pool = TestServer.pool(2);
    private final MigratedSchema schema = MigratedSchema.take();

    private static final EventPublisher NOBODY = new EventPublisher() {
        @Override
        public void publish(Object event) {}

        @Override
        public void publish(OutgoingEvent event) {}

        @Override
        public void publishNow(Object event) {}
    };

    @BeforeEach
    void rows() {
        TestServer.execute(
                pool,
                in("create table ${schema}.own (id int generated always as identity, what text);"
                        + " insert into ${schema}.own (what) values ('x'), ('y')"));
    }

    @AfterEach
    void close() {
        TestServer.execute(pool, in("drop table ${schema}.own"));
        schema.close();
        pool.close();
    }

    private String in(String sql) {
        return schema.name.in(sql);
    }

    /** The same server by a name that is not known to be this machine. */
    private static HikariDataSource elsewhere() {
        HikariDataSource elsewhere = new HikariDataSource();
        try (HikariDataSource here = TestServer.pool(1)) {
            elsewhere.setJdbcUrl(here.getJdbcUrl().replaceFirst("//(localhost|127\\.0\\.0\\.1)", "//0.0.0.0"));
        }
        elsewhere.setMaximumPoolSize(2);
        return elsewhere;
    }

    private PostgresHistoryDatabase on(HikariDataSource dataSource) {
        return PostgresHistoryDatabase.of(dataSource, Runnable::run, NOBODY)
                .schema(in("${schema}").replace("\"", ""))
                .emptying(in("${schema}.own"));
    }

    @Test
    void emptiesTheTablesAndTheOutboxOfAServerThatTheTestStarted() {
        AtomicInteger more = new AtomicInteger();
        PostgresHistoryDatabase database = on(pool).resetting(more::incrementAndGet);
        database.check();
        database.reset();
        assertThat(TestServer.number(pool, in("select count(*) from ${schema}.own")))
                .isZero();
        TestServer.execute(pool, in("insert into ${schema}.own (what) values ('z')"));
        assertThat(TestServer.number(pool, in("select id from ${schema}.own")))
                .as("its sequence begins anew")
                .isEqualTo(1);
        assertThat(more).hasValue(1);
    }

    @Test
    void refusesADatabaseThatIsNotKnownToBeATests() {
        try (HikariDataSource elsewhere = elsewhere()) {
            assertThatThrownBy(on(elsewhere)::check)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("database postgres at jdbc:postgresql://0.0.0.0")
                    .hasMessageContaining("trust(\"postgres\")");
            assertThatThrownBy(on(elsewhere).trust("other")::check).isInstanceOf(IllegalStateException.class);
            assertThatCode(on(elsewhere).trust("postgres")::check).doesNotThrowAnyException();
        }
        assertThat(TestServer.number(pool, in("select count(*) from ${schema}.own")))
                .isEqualTo(2);
    }

    @Test
    void refusesADatabaseOnWhichAnEngineRuns() {
        TestServer.execute(
                pool,
                in("insert into ${schema}.node values ('n1', 'b1', 'till-7', now() + interval '1 minute', '{}')"));
        assertThatThrownBy(on(pool)::check)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("an engine runs on this database: till-7");
        TestServer.execute(pool, in("update ${schema}.node set expires_at = now() - interval '1 second'"));
        assertThatCode(on(pool)::check).doesNotThrowAnyException();
    }
}

package io.amends.spring.lifecycle;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.DataSourceUnwrapper;

/**
 * The connections of the engine's own short transactions. Handlers and requests may hold every connection of the
 * application's pool for as long as they like; if the heartbeat had to wait behind them, the node would lose its slots
 * for being busy. So where the application's pool is HikariCP, the engine gets a small one of its own with the same
 * settings; otherwise it shares the application's.
 */
public final class EngineConnections implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EngineConnections.class);
    /** Shorter than the shortest useful lease: who waits longer for a connection has lost it already. */
    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

    private final DataSource dataSource;
    private final @Nullable HikariDataSource ownPool;
    private final int applicationPoolSize;

    private EngineConnections(DataSource dataSource, @Nullable HikariDataSource ownPool, int applicationPoolSize) {
        this.dataSource = dataSource;
        this.ownPool = ownPool;
        this.applicationPoolSize = applicationPoolSize;
    }

    /**
     * Creates them.
     *
     * @param wantOwnPool whether to make a pool of its own, if that is possible
     * @param poolSize the most connections of that pool
     */
    public static EngineConnections of(DataSource application, boolean wantOwnPool, int poolSize) {
        HikariDataSource hikari =
                DataSourceUnwrapper.unwrap(application, HikariConfigMXBean.class, HikariDataSource.class);
        if (hikari == null) {
            return new EngineConnections(application, null, 0);
        }
        if (!wantOwnPool) {
            return new EngineConnections(application, null, hikari.getMaximumPoolSize());
        }
        HikariConfig config = new HikariConfig();
        hikari.copyStateTo(config);
        config.setPoolName("amends");
        config.setMaximumPoolSize(poolSize);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
        config.setAutoCommit(true);
        config.setReadOnly(false);
        config.setRegisterMbeans(false);
        // while the database is away the pool is made all the same; the start waits for the database elsewhere
        config.setInitializationFailTimeout(-1);
        HikariDataSource own = new HikariDataSource(config);
        return new EngineConnections(own, own, hikari.getMaximumPoolSize());
    }

    /** Gives the connections. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** Says once at start-up where the pool is small for what handlers want of it. */
    public void compareWith(int handlersAtOnce) {
        if (applicationPoolSize == 0 || applicationPoolSize > handlersAtOnce) {
            return;
        }
        String numbers = "up to " + handlersAtOnce + " handlers at once (the processors' concurrency) share "
                + applicationPoolSize + " connections (spring.datasource.hikari.maximum-pool-size)";
        if (ownPool != null) {
            log.info("{}: under load some wait for a connection, requests as well", numbers);
        } else {
            log.warn(
                    "{} with the engine: under load the node may lose its slots since its heartbeat waits for a"
                            + " connection. Enlarge the pool, or let amends.datasource.own-pool be true",
                    numbers);
        }
    }

    @Override
    public void close() {
        if (ownPool != null) {
            ownPool.close();
        }
    }
}

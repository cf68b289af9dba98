package io.amends.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.store.StoreUnavailableException;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of the crash tests: an engine in plain Java, and threads that publish.
 *
 * <p>Arguments: JDBC URL, name, seed, number of publishing threads. Its standard input takes {@code quiet} (publishes no
 * more) and {@code leave} (ends in order); when it is closed, the test is gone and the process ends at once.
 */
public final class CrashNode {
    private static final int POOL = 24;
    private static final int ENGINE_POOL = 8;

    private CrashNode() {}

    /** Runs until it is told to leave, or killed. */
    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        String name = arguments[1];
        long seed = Long.parseLong(arguments[2]);
        int publishers = Integer.parseInt(arguments[3]);

        HikariDataSource pool = pool(url, POOL);
        PlainJdbcTransactions transactions = new PlainJdbcTransactions(pool);
        HikariDataSource enginePool = pool(url, ENGINE_POOL);
        PostgresStore store = new PostgresStore(PostgresStoreSettings.of(transactions, enginePool));
        AmendsEngine engine = Engines.working(store, transactions, enginePool, name);
        startPatiently(engine);

        List<Publishing> publishing = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            Publishing one = new Publishing(transactions, engine.publisher(), new Random(seed + i));
            publishing.add(one);
            Thread.ofPlatform().daemon().name("publisher-" + i).start(one);
        }
        obey(engine, publishing);
        store.close();
        enginePool.close();
        pool.close();
    }

    static HikariDataSource pool(String url, int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername("postgres");
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(3000);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    private static void startPatiently(AmendsEngine engine) {
        while (true) {
            try {
                engine.start();
                return;
            } catch (StoreUnavailableException e) {
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
        }
    }

    private static void obey(AmendsEngine engine, List<Publishing> publishing) throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (true) {
            String command = commands.readLine();
            switch (command == null ? "" : command) {
                case "quiet" -> publishing.forEach(Publishing::stop);
                case "leave" -> {
                    publishing.forEach(Publishing::stop);
                    engine.close();
                    return;
                }
                default -> Runtime.getRuntime().halt(3);
            }
        }
    }
}

package io.amends.jdbc;

import javax.sql.DataSource;

/**
 * What a {@link PostgresStore} works with.
 *
 * @param schema the schema of Amends' tables, in the same database as the application's
 * @param transactions the transactions that callers publish in and handlers run in
 * @param engineDataSource connections for the engine's own short transactions: a pool of its own with 4 or more connections
 *     keeps handlers from starving it. Socket and connect timeouts are the pool's to set (for pgjdbc {@code
 *     socketTimeout} and {@code connectTimeout}, in seconds); without them a network that swallows packets is noticed late
 * @param listen whether to tell and hear signals by LISTEN and NOTIFY, which takes one or two connections of the engine's
 *     pool for good; off, for instance behind a pooler that shares sessions between transactions, other nodes' events are
 *     found by polling
 */
public record PostgresStoreSettings(
        SchemaName schema, JdbcTransactions transactions, DataSource engineDataSource, boolean listen) {

    /** Settings for the default schema, with listening. */
    public static PostgresStoreSettings of(JdbcTransactions transactions, DataSource engineDataSource) {
        return new PostgresStoreSettings(SchemaName.DEFAULT, transactions, engineDataSource, true);
    }

    /** The same for another schema. */
    public PostgresStoreSettings withSchema(SchemaName newSchema) {
        return new PostgresStoreSettings(newSchema, transactions, engineDataSource, listen);
    }

    /** The same with or without listening. */
    public PostgresStoreSettings withListen(boolean newListen) {
        return new PostgresStoreSettings(schema, transactions, engineDataSource, newListen);
    }
}

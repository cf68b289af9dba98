package io.amends.spring;

import io.amends.core.store.StoreUnavailableException;
import io.amends.jdbc.Schema;
import io.amends.jdbc.SchemaName;
import io.amends.spring.settings.AmendsProperties;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes or checks Amends' tables at start-up, in a database that can hold them. */
final class TablesCheck {
    private static final Logger log = LoggerFactory.getLogger(TablesCheck.class);
    private static final int OLDEST = 14;
    private final DataSource dataSource;
    private final AmendsProperties.Schema settings;

    TablesCheck(DataSource dataSource, AmendsProperties.Schema settings) {
        this.dataSource = dataSource;
        this.settings = settings;
    }

    SchemaName schemaName() {
        try {
            return new SchemaName(settings.name());
        } catch (IllegalArgumentException e) {
            throw new SetupException(String.valueOf(e.getMessage()), "Correct amends.schema.name.");
        }
    }

    /** Does what the mode says; fails with what to do if the tables are not what they must be. */
    void run() {
        checkDatabase();
        Schema schema = new Schema(dataSource, schemaName());
        try {
            switch (settings.mode()) {
                case MIGRATE -> schema.run(Schema.Mode.MIGRATE);
                case VALIDATE -> schema.run(Schema.Mode.VALIDATE);
                case PRINT -> {
                    log.info(
                            "amends.schema.mode=print: these statements make the tables\n{}",
                            schema.run(Schema.Mode.PRINT));
                    schema.run(Schema.Mode.VALIDATE);
                }
            }
        } catch (IllegalStateException e) {
            throw new SetupException(
                    String.valueOf(e.getMessage()),
                    "Start once with amends.schema.mode=migrate and a user that may create tables, or run the"
                            + " statements that amends.schema.mode=print prints.");
        }
    }

    private void checkDatabase() {
        try (Connection connection = dataSource.getConnection()) {
            DatabaseMetaData database = connection.getMetaData();
            String product = database.getDatabaseProductName();
            if (!product.equals("PostgreSQL") || database.getDatabaseMajorVersion() < OLDEST) {
                throw new SetupException(
                        "The database is " + product + " " + database.getDatabaseProductVersion()
                                + "; Amends needs PostgreSQL " + OLDEST + " or newer.",
                        "Set spring.datasource.url to such a database, or amends.enabled=false.");
            }
        } catch (SQLException e) {
            throw new StoreUnavailableException("no connection: " + e.getMessage(), e);
        }
    }
}

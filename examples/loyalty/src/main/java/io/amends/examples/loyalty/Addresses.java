package io.amends.examples.loyalty;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Says where everything is once the application is ready. */
@Component
class Addresses {
    private static final Logger LOG = LoggerFactory.getLogger(Addresses.class);
    private final Environment environment;
    private final DataSource database;

    Addresses(Environment environment, DataSource database) {
        this.environment = environment;
        this.database = database;
    }

    @EventListener(ApplicationReadyEvent.class)
    void print() throws SQLException {
        String port = environment.getProperty("local.server.port", "?");
        try (Connection connection = database.getConnection()) {
            LOG.info("""
                    ready

                      console    http://localhost:{p}{console}
                      its API    http://localhost:{p}{console}/api/docs
                      shop       http://localhost:{p}/users  /orders  /demo
                      points     http://localhost:{p}/points
                      events     http://localhost:{p}/events  (CloudEvents, POST)
                      health     http://localhost:{p}/actuator/health
                      database   {url}  user {user}

                      Ctrl-C stops everything.
                    """.replace("{p}", port)
                    .replace("{console}", environment.getProperty("amends.console.path", "/amends"))
                    .replace("{url}", connection.getMetaData().getURL())
                    .replace("{user}", connection.getMetaData().getUserName()));
        }
    }
}

package io.amends.examples.loyalty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Events in another order than they happened, sent to the application's door: naive and declared. */
class OrderTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** One application with one variant. */
    abstract static class Application {
        @LocalServerPort
        int port;

        @Autowired
        JdbcClient jdbc;

        private Http http;
        private int sent;

        @BeforeEach
        void connect() {
            http = new Http(port);
        }

        void user(String type, String id, String name, long version) {
            String event = """
                    {"specversion":"1.0","id":"%1$s-%5$d","source":"/test","type":"loyalty.user.%2$s",
                     "partitionkey":"%1$s","datacontenttype":"application/json",
                     "data":{"id":"%1$s","name":"%3$s","region":"north","regionVersion":1,"entityVersion":%4$d}}""".formatted(id, type, name, version, ++sent);
            assertThat(http.post("/events", event, "application/cloudevents+json")
                            .status())
                    .isEqualTo(202);
        }

        /** The user's name on the points side, "-" if it is not known there. */
        String name(String id) {
            Http.Answer answer = http.get("/points/" + id);
            return answer.status() == 200 ? answer.text("name") : "-";
        }

        /** Waits until all that was sent is done: every cursor of the processor is at the head. */
        void awaitDone() {
            await().atMost(SOON)
                    .until(() -> jdbc.sql("select bool_and(position >= (select position from amends.head))"
                                    + " from amends.cursor where processor = 'users'")
                            .query(Boolean.class)
                            .single());
        }

        void changedLate() {
            user("changed", "late", "Anne", 2);
            user("changed", "late", "Anna", 1);
            awaitDone();
        }

        void deletedEarly() {
            user("created", "gone", "Anna", 1);
            user("deleted", "gone", "Anne", 3);
            user("changed", "gone", "Anne", 2);
            awaitDone();
        }

        void unrelated() {
            for (String id : List.of("b", "a", "c")) {
                user("created", id, "user " + id, 1);
            }
            awaitDone();
        }
    }

    @Nested
    @SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
    @DirtiesContext
    class Declared extends Application {
        @TempDir
        static Path directory;

        @DynamicPropertySource
        static void database(DynamicPropertyRegistry registry) {
            registry.add("amends.embedded.directory", directory::toString);
        }

        @Test
        void theNewestVersionStaysAndADeletedUserIsGone() {
            changedLate();
            assertThat(name("late")).isEqualTo("Anne");
            deletedEarly();
            assertThat(name("gone")).isEqualTo("-");
            user("created", "gone", "Anja", 4);
            awaitDone();
            assertThat(name("gone")).isEqualTo("Anja");
        }

        @Test
        void unrelatedEventsMayComeInAnyOrder() {
            unrelated();
            assertThat(List.of(name("a"), name("b"), name("c"))).containsExactly("user a", "user b", "user c");
        }
    }

    @Nested
    @SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "loyalty.variant=naive")
    @DirtiesContext
    class Naive extends Application {
        @TempDir
        static Path directory;

        @DynamicPropertySource
        static void database(DynamicPropertyRegistry registry) {
            registry.add("amends.embedded.directory", directory::toString);
        }

        @Test
        void theLastThatComesIsTakenForTheNewest() {
            changedLate();
            assertThat(name("late")).isEqualTo("Anna");
            deletedEarly();
            assertThat(name("gone")).isEqualTo("Anne");
        }

        @Test
        void unrelatedEventsMayComeInAnyOrder() {
            unrelated();
            assertThat(List.of(name("a"), name("b"), name("c"))).containsExactly("user a", "user b", "user c");
        }
    }
}

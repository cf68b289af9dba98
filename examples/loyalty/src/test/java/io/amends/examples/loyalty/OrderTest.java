package io.amends.examples.loyalty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
    private static final Duration SOON = Duration.ofSeconds(30);

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
            user(type, id, name, version, 1);
        }

        void user(String type, String id, String name, long version, long region) {
            String event = """
                    {"specversion":"1.0","id":"%1$s-%5$d","source":"/test","type":"loyalty.user.%2$s",
                     "partitionkey":"%1$s","datacontenttype":"application/json",
                     "data":{"id":"%1$s","name":"%3$s","region":"r%6$d","regionVersion":%6$d,"entityVersion":%4$d}}""".formatted(id, type, name, version, ++sent, region);
            send(event);
        }

        void paid(String user, String order, int amount, long region) {
            send("""
                    {"specversion":"1.0","id":"%2$s-paid-%5$d","source":"/test","type":"loyalty.order.paid",
                     "partitionkey":"%1$s","datacontenttype":"application/json",
                     "data":{"orderId":"%2$s","userId":"%1$s","amount":%3$d,"paidTime":"2026-11-25T10:00:00Z",
                             "userRegionVersion":%4$d}}""".formatted(user, order, amount, region, ++sent));
        }

        void cancelled(String user, String order, int amount) {
            send("""
                    {"specversion":"1.0","id":"%2$s-cancelled-%4$d","source":"/test","type":"loyalty.order.cancelled",
                     "partitionkey":"%1$s","datacontenttype":"application/json",
                     "data":{"orderId":"%2$s","userId":"%1$s","amount":%3$d,"paidTime":"2026-11-25T10:00:00Z",
                             "cancelledTime":"2026-11-25T11:00:00Z"}}""".formatted(user, order, amount, ++sent));
        }

        /** Sends an event, one in five of them twice. */
        private void send(String event) {
            for (int times = sent % 5 == 0 ? 2 : 1; times > 0; times--) {
                assertThat(http.post("/events", event, "application/cloudevents+json")
                                .status())
                        .isEqualTo(202);
            }
        }

        /** The user's score, -1 if the points side does not know the user. */
        long score(String id) {
            Http.Answer answer = http.get("/points/" + id);
            return answer.status() == 200 ? Long.parseLong(answer.text("score")) : -1;
        }

        long failures() {
            return jdbc.sql("select count(*) from amends.failed_execution where status <> 'SUCCEEDED'")
                    .query(Long.class)
                    .single();
        }

        long waits() {
            return jdbc.sql("select count(*) from amends.wait")
                    .query(Long.class)
                    .single();
        }

        /** The user's name on the points side, "-" if it is not known there. */
        String name(String id) {
            Http.Answer answer = http.get("/points/" + id);
            return answer.status() == 200 ? answer.text("name") : "-";
        }

        /** Waits until all that was sent is done: every cursor is at the head. */
        void awaitDone() {
            await().atMost(SOON)
                    .until(() -> jdbc.sql("select bool_and(position >= (select position from amends.head))"
                                    + " from amends.cursor where processor in ('users', 'points')")
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

    /** With a minute between two looks, twice what is waited here: what happens was told, and not found. */
    @Nested
    @SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "amends.idle-poll=1m")
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

        /** Has the database note each change of a user and of a score, in order and with the time on its clock. */
        @BeforeEach
        void noteEveryMoment() {
            jdbc.sql("create table if not exists moment (number bigserial, what text, user_id text, points bigint,"
                            + " at timestamptz default clock_timestamp())")
                    .update();
            jdbc.sql("""
                            create or replace function note_user() returns trigger language plpgsql as $$
                            begin
                                insert into moment (what, user_id) values ('user', new.id);
                                return null;
                            end $$""").update();
            jdbc.sql("""
                            create or replace function note_score() returns trigger language plpgsql as $$
                            begin
                                insert into moment (what, user_id, points) values ('score', new.user_id, new.points);
                                return null;
                            end $$""").update();
            jdbc.sql("create or replace trigger note_user after insert or update on local_user"
                            + " for each row execute function note_user()")
                    .update();
            jdbc.sql("create or replace trigger note_score after insert or update on score"
                            + " for each row execute function note_score()")
                    .update();
        }

        /** All scores that a user has had, one after the other. */
        private List<Long> scoresOf(String user) {
            return jdbc.sql("select points from moment where what = 'score' and user_id = ? order by number")
                    .param(user)
                    .query(Long.class)
                    .list();
        }

        /** How long after the user came the last score was there, by the database's clock. */
        private Duration fromUserToScore(String user) {
            long micros = jdbc.sql(
                            "select (extract(epoch from max(at) filter (where what = 'score')"
                                    + " - min(at) filter (where what = 'user')) * 1000000)::bigint from moment where user_id = ?")
                    .param(user)
                    .query(Long.class)
                    .single();
            return Duration.ofNanos(micros * 1_000);
        }

        @Test
        void aPaymentOfAUserWhoIsGoneBeforeItCameWaitsForNothing() {
            user("deleted", "dead", "Anna", 2);
            user("created", "dead", "Anna", 1);
            paid("dead", "d-1", 10, 1);
            paid("dead", "d-2", 5, 1);
            cancelled("dead", "d-2", 5);
            awaitDone();
            await().atMost(SOON).until(() -> waits() == 0);
            assertThat(name("dead")).isEqualTo("-");
            assertThat(failures()).isZero();
        }

        @Test
        void aPaymentWaitsForItsUser() {
            paid("early", "e-1", 30, 1);
            paid("early", "e-2", 5, 1);
            awaitDone();
            assertThat(score("early")).isEqualTo(-1);
            assertThat(waits()).isPositive();

            user("created", "early", "Anna", 1);

            await().atMost(SOON).until(() -> score("early") == 35);
            await().atMost(SOON).until(() -> waits() == 0);
            assertThat(failures()).isZero();
            System.out.printf("from the user to the score: %s%n", fromUserToScore("early"));
            assertThat(fromUserToScore("early")).isPositive();
        }

        @Test
        void aCancellationWaitsForItsPaymentAndTheScoreIsNeverBelowZero() {
            user("created", "swap", "Anna", 1);
            paid("swap", "s-1", 7, 1);
            cancelled("swap", "s-2", 50);
            awaitDone();
            await().atMost(SOON).until(() -> score("swap") == 7);

            paid("swap", "s-2", 50, 1);

            await().atMost(SOON).until(() -> waits() == 0);
            assertThat(score("swap")).isEqualTo(7);
            assertThat(scoresOf("swap"))
                    .as("never below zero, nor anything else that it should not be")
                    .containsExactly(7L, 57L, 7L);
            assertThat(failures()).isZero();
        }

        @Test
        void onlyPaymentsOfTheNewRegionCountInWhateverOrderTheyCome() {
            List<List<Integer>> orders = permutations(List.of(0, 1, 2, 3));
            for (int i = 0; i < orders.size(); i++) {
                String id = "move" + i;
                for (int step : orders.get(i)) {
                    switch (step) {
                        case 0 -> user("created", id, "Anna", 1, 1);
                        case 1 -> user("changed", id, "Anna", 2, 2);
                        case 2 -> paid(id, id + "-old", 100, 1);
                        default -> paid(id, id + "-new", 20, 2);
                    }
                }
            }
            for (int i = 0; i < orders.size(); i++) {
                String id = "move" + i;
                await(orders.get(i).toString()).atMost(SOON).until(() -> score(id) == 20);
            }
            await().atMost(SOON).until(() -> waits() == 0);
            assertThat(failures()).isZero();
        }

        private static List<List<Integer>> permutations(List<Integer> of) {
            if (of.isEmpty()) {
                return List.of(List.of());
            }
            List<List<Integer>> all = new ArrayList<>();
            for (Integer first : of) {
                List<Integer> rest = new ArrayList<>(of);
                rest.remove(first);
                for (List<Integer> tail : permutations(rest)) {
                    List<Integer> one = new ArrayList<>(List.of(first));
                    one.addAll(tail);
                    all.add(one);
                }
            }
            return all;
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
        void aPaymentBeforeItsUserIsLost() {
            paid("early", "e-1", 30, 1);
            awaitDone();
            user("created", "early", "Anna", 1);
            awaitDone();
            assertThat(score("early")).isZero();
        }

        @Test
        void aPaymentAfterItsCancellationStays() {
            user("created", "swap", "Anna", 1);
            awaitDone();
            cancelled("swap", "s-1", 50);
            paid("swap", "s-1", 50, 1);
            awaitDone();
            assertThat(score("swap")).isEqualTo(50);
        }

        @Test
        void aPaymentOfTheOldRegionCountsInTheNewOne() {
            user("changed", "moved", "Anna", 2, 2);
            awaitDone();
            paid("moved", "m-1", 100, 1);
            awaitDone();
            assertThat(score("moved")).isEqualTo(100);
        }

        @Test
        void unrelatedEventsMayComeInAnyOrder() {
            unrelated();
            assertThat(List.of(name("a"), name("b"), name("c"))).containsExactly("user a", "user b", "user c");
        }
    }

    @Nested
    @SpringBootTest(
            webEnvironment = WebEnvironment.RANDOM_PORT,
            properties = {"loyalty.variant=insisting", "amends.idle-poll=1m"})
    @DirtiesContext
    class Insisting extends Application {
        @TempDir
        static Path directory;

        @DynamicPropertySource
        static void database(DynamicPropertyRegistry registry) {
            registry.add("amends.embedded.directory", directory::toString);
        }

        @Test
        void aPaymentStandsInTheWayOfTheUserThatItNeeds() {
            paid("early", "e-1", 30, 1);
            awaitDone();
            user("created", "early", "Anna", 1);
            awaitDone();

            assertThat(failures()).as("the payment has failed").isEqualTo(1);
            assertThat(jdbc.sql("select type from amends.lane_event where kind = 'PARKED'")
                            .query(String.class)
                            .list())
                    .as("its user stands behind it")
                    .containsExactly("loyalty.user.created");
            assertThat(name("early")).isEqualTo("-");
        }
    }
}

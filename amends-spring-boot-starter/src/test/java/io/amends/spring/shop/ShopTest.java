package io.amends.spring.shop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.amends.api.NoTransactionException;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.Status;
import io.amends.core.operate.Operations;
import io.amends.core.runtime.AmendsEngine;
import io.amends.spring.PostgresForTests;
import io.amends.spring.shop.ShopApplication.Accounts;
import io.amends.spring.shop.ShopApplication.Points;
import io.amends.spring.shop.ShopApplication.Shop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;

@SpringBootTest(
        properties = {
            "spring.application.name=shop",
            "spring.jpa.hibernate.ddl-auto=create",
            "spring.datasource.username=postgres",
            "spring.datasource.hikari.maximum-pool-size=10",
            "amends.heartbeat=300ms",
            "amends.immediate-backoffs=10ms",
            "amends.cloudevents.enabled=true",
            "amends.cloudevents.max-event-bytes=8KB",
            "amends.cloudevents.max-batch=3",
            "amends.cloudevents.max-batch-bytes=16KB",
            "management.endpoint.health.show-details=always"
        })
@AutoConfigureMockMvc
@DirtiesContext
class ShopTest {
    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        String url = PostgresForTests.newDatabase();
        registry.add("spring.datasource.url", () -> url);
    }

    @Autowired
    Shop shop;

    @Autowired
    Accounts accounts;

    @Autowired
    Operations operations;

    @Autowired
    AmendsEngine engine;

    @Autowired
    JdbcTemplate sql;

    @Autowired
    MockMvc mvc;

    @Autowired
    MeterRegistry meters;

    private final String user = "user-" + UUID.randomUUID();
    private final String order = "order-" + UUID.randomUUID();

    @BeforeEach
    void engineOwnsItsSlots() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> engine.report().processors().getFirst().slots() == 128);
    }

    private void earned(int points) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(accounts.findById(user))
                        .hasValueSatisfying(
                                account -> assertThat(account.points).isEqualTo(points)));
    }

    /** The types of the inbox's events of this test's order and user, in order. */
    private List<String> events() {
        return sql.queryForList(
                "SELECT convert_from(data, 'UTF8') FROM amends.inbox WHERE convert_from(data, 'UTF8') LIKE ? OR key = ?"
                        + " ORDER BY position",
                String.class,
                "%" + order + "%",
                user);
    }

    @Test
    void earnsPointsForAPaidOrder() {
        shop.place(order, user, 30);
        shop.pay(order);
        earned(30);
        await().untilAsserted(() -> assertThat(events())
                .as("in the order of publishing: the call, before the commit, inside the flush, the handler's result")
                .containsExactly(
                        "{\"userId\":\"" + user + "\",\"orderId\":\"" + order + "\",\"amount\":30}",
                        "{\"userId\":\"-\",\"orderId\":\"" + order + "\",\"status\":\"noticed before commit\"}",
                        "{\"userId\":\"" + user + "\",\"orderId\":\"" + order + "\",\"status\":\"PAID\"}",
                        "{\"userId\":\"" + user + "\",\"total\":30}"));
        assertThat(sql.queryForObject(
                        "SELECT source || ' ' || (causationid IS NOT NULL) || ' ' || (correlationid = (SELECT id FROM"
                                + " amends.inbox WHERE type = 'order.paid' AND key = ?)) FROM amends.inbox WHERE type ="
                                + " 'points.earned' AND key = ?",
                        String.class,
                        user,
                        user))
                .isEqualTo("/shop true true");
    }

    @Test
    void publishesFromInsideTheFlushOfACommit() {
        shop.place(order, user, 30);
        shop.ship(order);
        await().untilAsserted(
                        () -> assertThat(events()).singleElement().asString().contains("SHIPPED"));
    }

    @Test
    void publishesNothingOfARollback() {
        shop.place(order, user, 30);
        assertThatThrownBy(() -> shop.payAndFail(order)).hasMessage("card refused");
        shop.ship(order);
        await().untilAsserted(() -> assertThat(events()).isNotEmpty());
        assertThat(events()).singleElement().asString().contains("SHIPPED");
    }

    @Test
    void refusesToPublishOutsideATransaction() {
        assertThatThrownBy(() -> shop.publishOutside())
                .isInstanceOf(NoTransactionException.class)
                .hasMessageContaining("@Transactional");
    }

    @Test
    void makesAFailedHandlerGoodByARetryOfAnOperator() throws Exception {
        Points.CLOSED.add(user);
        shop.place(order, user, 30);
        shop.pay(order);
        FailedExecution failure = await().atMost(Duration.ofSeconds(30)).until(this::failure, found -> found != null);
        assertThat(accounts.findById(user)).as("rolled back").isEmpty();
        assertThat(failure.error().code()).isEqualTo("ACCOUNT_CLOSED");
        String path = "/amends/api/v1/failures/" + failure.id();
        mvc.perform(get("/amends/api/v1/failures?key=" + user))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.items[0].id").value(failure.id().value()))
                .andExpect(jsonPath("$.items[0].message").value("the account is closed"));
        mvc.perform(get(path))
                .andExpect(jsonPath("$.next.code").value("retry"))
                .andExpect(jsonPath("$.error.stack", containsString("ShopApplication$Points.on")));
        Points.CLOSED.remove(user);
        mvc.perform(post(path + "/prepare")
                        .contentType(MediaType.APPLICATION_JSON)
                        .content("{\"reason\":\"the account is open again\"}"))
                .andExpect(status().isAccepted());
        earned(30);
        await().untilAsserted(() -> assertThat(
                        operations.failure(failure.id()).orElseThrow().status())
                .isEqualTo(Status.SUCCEEDED));
        mvc.perform(get(path)).andExpect(jsonPath("$.history[*].type", hasItem("execution_success_applied")));
        mvc.perform(post(path + "/prepare"))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.code").value("already-done"));
    }

    private FailedExecution failure() {
        return operations.failures(new FailureFilter(Set.of(), null, user, null, null), null, 1).stream()
                .findFirst()
                .orElse(null);
    }

    private ResultActions send(String contentType, String body) throws Exception {
        return mvc.perform(post("/events").contentType(contentType).content(body.getBytes(UTF_8)));
    }

    private String structured(String id, int amount) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/till\",\"type\":\"order.paid\",\"partitionkey\":\""
                + user + "\",\"data\":{\"userId\":\"" + user + "\",\"orderId\":\"" + order + "\",\"amount\":" + amount
                + "}}";
    }

    @Test
    void takesCloudEventsInEveryModeOnce() throws Exception {
        for (int i = 0; i < 2; i++) {
            send("application/cloudevents+json", structured(user + "-1", 1)).andExpect(status().isAccepted());
            send(
                            "application/cloudevents-batch+json",
                            "[" + structured(user + "-2", 2) + "," + structured(user + "-3", 4) + "]")
                    .andExpect(status().isAccepted());
            mvc.perform(post("/events")
                            .contentType(MediaType.APPLICATION_JSON)
                            .header("ce-specversion", "1.0")
                            .header("ce-id", user + "-4")
                            .header("ce-source", "/till")
                            .header("ce-type", "order.paid")
                            .header("ce-partitionkey", user)
                            .content("{\"userId\":\"" + user + "\",\"orderId\":\"x\",\"amount\":8}"))
                    .andExpect(status().isAccepted());
        }
        earned(15);
        assertThat(sql.queryForObject(
                        "SELECT count(*) FROM amends.inbox WHERE origin = 'http' AND key = ?", Long.class, user))
                .isEqualTo(4);
    }

    @Test
    void refusesTheSameIdWithOtherContent() throws Exception {
        send("application/cloudevents+json", structured(user + "-1", 1)).andExpect(status().isAccepted());
        send("application/cloudevents+json", structured(user + "-1", 2))
                .andExpect(status().isConflict())
                .andExpect(content().contentType("application/problem+json"))
                .andExpect(jsonPath("$.code").value("conflicting-cloudevent"));
        send(
                        "application/cloudevents-batch+json",
                        "[" + structured(user + "-2", 2) + "," + structured(user + "-1", 9) + "]")
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.mistakes[0]", containsString("[1] /till#" + user + "-1")));
        earned(3);
    }

    @Test
    void refusesWhatIsTooLargeOrNoCloudEvent() throws Exception {
        send("application/cloudevents+json", "{\"a\":\"" + "x".repeat(8192) + "\"}")
                .andExpect(status().is(413));
        send("application/cloudevents-batch+json", "[" + "{},{},{},{}" + "]").andExpect(status().is(413));
        send("application/cloudevents-batch+json", "[" + "x".repeat(16 * 1024) + "]")
                .andExpect(status().is(413));
        send("application/json", "{}").andExpect(status().isUnsupportedMediaType());
        send("application/cloudevents+avro", "x").andExpect(status().isUnsupportedMediaType());
        send("application/cloudevents+json; charset=iso-8859-1", "{}").andExpect(status().isUnsupportedMediaType());
        send("application/cloudevents+json", "{}")
                .andExpect(status().isBadRequest())
                .andExpect(jsonPath("$.mistakes.length()").value(4));
        send("application/cloudevents-batch+json", "[" + structured("ok-" + user, 1) + ",{}]")
                .andExpect(status().isBadRequest());
        assertThat(sql.queryForObject("SELECT count(*) FROM amends.inbox WHERE id = ?", Long.class, "ok-" + user))
                .as("all or nothing")
                .isZero();
        mvc.perform(get("/events")).andExpect(status().is4xxClientError());
    }

    @Test
    void showsHealthAndMetrics() throws Exception {
        shop.place(order, user, 30);
        shop.pay(order);
        earned(30);
        mvc.perform(get("/actuator/health/amends"))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.status").value("UP"))
                .andExpect(jsonPath("$.details.processors.points.slots").value(128))
                .andExpect(jsonPath("$.details.processors.points.unownedSlots").value(0));
        await().untilAsserted(() -> assertThat(meters.get("amends.handled")
                        .tags("processor", "points", "function", "on(OrderPaid)")
                        .timer()
                        .count())
                .isPositive());
        assertThat(meters.get("amends.published")
                        .tag("type", "order.paid")
                        .counter()
                        .count())
                .isPositive();
        assertThat(meters.get("amends.relay.batch").summary().count()).isPositive();
        assertThat(meters.get("amends.lease.changes")
                        .tags("processor", "points", "change", "taken")
                        .counter()
                        .count())
                .isEqualTo(128);
        assertThat(meters.get("amends.lag").tag("processor", "points").gauge().value())
                .isGreaterThanOrEqualTo(0);
        assertThat(meters.get("amends.slots.unowned")
                        .tag("processor", "points")
                        .gauge()
                        .value())
                .isZero();
    }
}

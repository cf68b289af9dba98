package io.amends.examples.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.amends.examples.client.api.AccessApi;
import io.amends.examples.client.api.BatchesApi;
import io.amends.examples.client.api.FailuresApi;
import io.amends.examples.client.api.GroupsApi;
import io.amends.examples.client.api.LanesApi;
import io.amends.examples.client.http.ApiClient;
import io.amends.examples.client.http.ApiException;
import io.amends.examples.client.model.BatchView;
import io.amends.examples.client.model.CommandResult;
import io.amends.examples.client.model.FailureDetail;
import io.amends.examples.client.model.FailurePage;
import io.amends.examples.client.model.FailureSummary;
import io.amends.examples.client.model.Me;
import io.amends.examples.client.model.Pace;
import io.amends.examples.client.model.Plan;
import io.amends.examples.client.model.PlanView;
import io.amends.examples.client.model.Problem;
import io.amends.examples.client.model.Reason;
import io.amends.examples.client.model.Skip;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** What a public generator makes of the API's description works against the running example, as it was generated. */
class GeneratedClientTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final HttpClient SHOP = HttpClient.newHttpClient();
    /** Packaged, the example's classes are not on the compiler's class path. */
    private static final String APPLICATION = "io.amends.examples.loyalty.LoyaltyApplication";

    @TempDir
    Path directory;

    private int port;

    @Test
    void theGeneratedClientOperatesTheRunningExample() throws Exception {
        try (ConfigurableApplicationContext example = new SpringApplicationBuilder(Class.forName(APPLICATION))
                .run(
                        "--server.port=0",
                        "--amends.embedded.directory=" + directory.resolve("data"),
                        "--amends.retry.min-backoff=10m",
                        "--amends.retry.max-backoff=1h")) {
            port = example.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            ApiClient client = new ApiClient();
            client.updateBaseUri("http://localhost:" + port + "/amends/api/v1");

            Me me = new AccessApi(client).getMe();
            assertThat(me.getMode()).isEqualTo(Me.ModeEnum.NONE);
            assertThat(me.getRoles()).containsExactly("admin");
            assertThat(me.getActions())
                    .anyMatch(action ->
                            action.getOperation().equals("prepareFailure") && Boolean.TRUE.equals(action.getAllowed()));

            FailuresApi failures = new FailuresApi(client);
            failPayments(failures, 4);
            singleFailure(client, failures);
            groupsAndLanes(client);
            batch(client);
        }
    }

    /** Payments of so many users that fail until they are operated on. */
    private void failPayments(FailuresApi failures, int users) throws IOException, InterruptedException {
        for (int i = 0; i < users; i++) {
            shop("POST", "/users", "{\"id\":\"gen%d\",\"name\":\"N\",\"region\":\"north\"}".formatted(i));
            shop("POST", "/orders", "{\"id\":\"gen%d-1\",\"userId\":\"gen%d\",\"amount\":5}".formatted(i, i));
        }
        shop("PUT", "/faults/loyalty.order.paid", "{\"mode\":\"FAIL\"}");
        for (int i = 0; i < users; i++) {
            shop("POST", "/orders/gen%d-1/pay".formatted(i), "");
        }
        await().atMost(SOON).until(() -> active(failures).size() == users);
        shop("PUT", "/faults/loyalty.order.paid", "{\"mode\":\"NONE\"}");
    }

    private void singleFailure(ApiClient client, FailuresApi failures) throws Exception {
        FailureSummary first = active(failures).getFirst();
        FailureDetail detail = failures.getFailure(first.getId());
        assertThat(detail.getEventType()).isEqualTo("loyalty.order.paid");
        assertThat(detail.getExecutedAt()).isEqualTo(first.getExecutedAt());
        assertThat(detail.getTenant()).isNull();
        assertThat(detail.getAttempts()).isNotEmpty();

        String version = '"' + detail.getVersion() + '"';
        Reason reason = new Reason().reason("INC-482 is over");
        CommandResult prepared = failures.prepareFailure(first.getId(), "generated-1", version, reason);
        CommandResult again = failures.prepareFailure(first.getId(), "generated-1", version, reason);
        assertThat(again.getEntry()).as("one command, not two").isEqualTo(prepared.getEntry());
        await().atMost(SOON)
                .until(() -> failures.getFailure(first.getId()).getState().equals("SUCCEEDED"));

        ApiException old = catchThrowableOfType(
                ApiException.class,
                () -> failures.skipFailure(first.getId(), new Skip().reason("late"), null, version));
        assertThat(problem(client, old).getCode()).isEqualTo("changed-meanwhile");
        ApiException done = catchThrowableOfType(
                ApiException.class, () -> failures.prepareFailure(first.getId(), null, null, reason));
        Problem problem = problem(client, done);
        assertThat(done.getCode()).isEqualTo(409);
        assertThat(problem.getStatus()).isEqualTo(409);
        assertThat(problem.getCode()).isEqualTo("already-done");
        assertThat(problem.getType()).isEqualTo("urn:amends:problem:already-done");
    }

    private static void groupsAndLanes(ApiClient client) throws ApiException {
        assertThat(new GroupsApi(client)
                        .listGroups("points", null, null, null, null)
                        .getItems())
                .hasSize(1)
                .first()
                .satisfies(group -> {
                    assertThat(group.getActive()).isEqualTo(3);
                    assertThat(group.getHours()).isNotEmpty();
                });
        assertThat(new LanesApi(client).listLanes("points", null, null, 10).getItems())
                .hasSize(3)
                .allSatisfy(lane -> assertThat(lane.getHead().getProcessor()).isEqualTo("points"));
    }

    private static void batch(ApiClient client) throws ApiException {
        BatchesApi batches = new BatchesApi(client);
        PlanView plan = batches.planBatch(
                new Plan().action(Plan.ActionEnum.PREPARE).reason("INC-482 is over"),
                List.of("active"),
                null,
                "points",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "generated-plan");
        assertThat(plan.getWillRun()).isEqualTo(3);
        assertThat(plan.getSample()).isNotEmpty();
        String id = plan.getBatch().getId();
        batches.startBatch(
                id, "generated-start", new Pace().canary(1).perSecond(50).inFlight(5));
        await().atMost(SOON).until(() -> batches.getBatch(id).getState() == BatchView.StateEnum.DONE);
        assertThat(batches.getBatch(id).getHandled()).isEqualTo(3);
    }

    private static List<FailureSummary> active(FailuresApi failures) throws ApiException {
        FailurePage page = failures.listFailures(
                List.of("active"),
                null,
                "points",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                50,
                true);
        assertThat(page.getTotal()).isNotNull();
        return page.getItems();
    }

    private static Problem problem(ApiClient client, ApiException refused) throws IOException {
        return client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
    }

    private void shop(String method, String path, String json) throws IOException, InterruptedException {
        HttpResponse<String> answer = SHOP.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode())
                .as(method + " " + path + ": " + answer.body())
                .isLessThan(300);
    }
}

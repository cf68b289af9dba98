package io.amends.console.web;

import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.amends.console.Access;
import io.amends.console.OperatorApi;
import io.amends.console.ServiceWithFailures;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

class ConsoleRoutesTest {
    private final ServiceWithFailures service = new ServiceWithFailures();
    private final MockMvc mvc = MockMvcBuilders.routerFunctions(ConsoleRoutes.at(
                    "/ops", new OperatorApi(service.operations, service.operatorStore, new Access(false), true)))
            .build();

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void listsShowsAndCommands() throws Exception {
        service.fail("f1", "u-1");
        mvc.perform(get("/ops/api/v1/failures?state=FAILED&state=PREPARED&limit=10"))
                .andExpect(status().isOk())
                .andExpect(content().contentType(MediaType.APPLICATION_JSON))
                .andExpect(header().string("Cache-Control", "no-store"))
                .andExpect(jsonPath("$.items", hasSize(1)))
                .andExpect(jsonPath("$.items[0].id").value("f1"));
        mvc.perform(get("/ops/api/v1/failures/f1"))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.next.code").value("retry"))
                .andExpect(jsonPath("$.history", hasSize(1)));
        mvc.perform(post("/ops/api/v1/failures/f1/prepare")
                        .contentType(MediaType.APPLICATION_JSON)
                        .content("{\"reason\":\"again\"}")
                        .principal(() -> "ann"))
                .andExpect(status().isAccepted())
                .andExpect(jsonPath("$.entry.actor").value("ann"));
        service.fail("f2", "u-2");
        mvc.perform(post("/ops/api/v1/failures/f2/prepare"))
                .andExpect(status().isAccepted())
                .andExpect(jsonPath("$.entry.actor").value("anonymous"));
        mvc.perform(post("/ops/api/v1/processors/points/pause")).andExpect(status().isOk());
        mvc.perform(get("/ops/api/v1/processors"))
                .andExpect(jsonPath("$.items[0].paused").value(true));
    }

    @Test
    void answersWithProblems() throws Exception {
        mvc.perform(get("/ops/api/v1/failures/none"))
                .andExpect(status().isNotFound())
                .andExpect(content().contentType("application/problem+json"))
                .andExpect(jsonPath("$.type").value("urn:amends:problem:not-found"));
        mvc.perform(get("/ops/api/v1/failures?state=x"))
                .andExpect(status().isBadRequest())
                .andExpect(jsonPath("$.detail", startsWith("state: x (expected: ")));
        mvc.perform(get("/ops/api/v1/failures").with(request -> {
                    request.setRemoteAddr("192.0.2.7");
                    return request;
                }))
                .andExpect(status().isForbidden());
        mvc.perform(get("/ops/api/v1/failures").header("X-Forwarded-For", "192.0.2.7"))
                .andExpect(status().isForbidden());
        mvc.perform(post("/ops/api/v1/failures/f1/prepare").header("Sec-Fetch-Site", "cross-site"))
                .andExpect(status().isForbidden());
        mvc.perform(get("/ops/other")).andExpect(status().isNotFound());
    }
}

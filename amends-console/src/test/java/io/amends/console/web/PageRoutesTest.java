package io.amends.console.web;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.amends.console.ApiPage;
import io.amends.console.PageForTests;
import org.junit.jupiter.api.Test;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

class PageRoutesTest {
    private final MockMvc mvc = MockMvcBuilders.routerFunctions(PageRoutes.at("/ops", PageForTests.page()))
            .build();

    @Test
    void servesThePageAtItsPathAndEverywhereBelow() throws Exception {
        for (String path : new String[] {"/ops", "/ops/", "/ops/failures/17", "/ops/lanes/points/a b"}) {
            mvc.perform(get(path))
                    .andExpect(status().isOk())
                    .andExpect(content().string(containsString("<base href=\"/ops/\">")));
        }
        mvc.perform(get("/ops/assets/a-1.js").header("Accept-Encoding", "br"))
                .andExpect(content().contentType("text/javascript;charset=utf-8"))
                .andExpect(header().string("Content-Encoding", "br"));
    }

    @Test
    void putsContextPathAndProxyInFrontOfItsBase() throws Exception {
        mvc.perform(get("/shop/ops/failures").contextPath("/shop").header("X-Forwarded-Prefix", "/gate"))
                .andExpect(content().string(containsString("<base href=\"/gate/shop/ops/\">")));
    }

    @Test
    void leavesTheApiAndOtherPathsAlone() throws Exception {
        mvc.perform(get("/ops/api/v1/failures")).andExpect(status().isNotFound());
        mvc.perform(get("/ops/api")).andExpect(status().isNotFound());
        mvc.perform(get("/opsother")).andExpect(status().isNotFound());
        mvc.perform(post("/ops/failures")).andExpect(status().isNotFound());
    }

    @Test
    void servesThePageAboutTheApiWithFilesOfItsOwnOnly() throws Exception {
        MockMvc docs = MockMvcBuilders.routerFunctions(
                        PageRoutes.at("/ops", ApiPage.load().orElseThrow()))
                .build();
        for (String path : new String[] {"/shop/ops/api/docs", "/shop/ops/api/docs/"}) {
            docs.perform(get(path).contextPath("/shop"))
                    .andExpect(status().isOk())
                    .andExpect(header().string("Content-Security-Policy", containsString("script-src 'self'")))
                    .andExpect(content().string(containsString("<base href=\"/shop/ops/api/\">")))
                    .andExpect(content().string(not(containsString("://"))));
        }
        docs.perform(get("/ops/api/docs/start.js"))
                .andExpect(content().contentType("text/javascript;charset=utf-8"))
                .andExpect(content().string(containsString("v1/openapi.json")));
        for (String file : new String[] {"swagger-ui.css", "swagger-ui-bundle.js"}) {
            docs.perform(get("/ops/api/docs/" + file).header("Accept-Encoding", "gzip, br"))
                    .andExpect(status().isOk())
                    .andExpect(header().string("Content-Encoding", "gzip"));
        }
        docs.perform(get("/ops/api/docs/pom.properties")).andExpect(status().isNotFound());
        docs.perform(get("/ops/api/v1/openapi.json")).andExpect(status().isNotFound());
    }
}

package io.amends.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConsolePageTest {
    private final ConsolePage page = ConsolePage.load("/page/");

    private ApiResponse answer(String path, @Nullable String acceptEncoding, @Nullable String ifNoneMatch) {
        return page.answer(path, "/shop/ops", acceptEncoding, ifNoneMatch);
    }

    private static String body(ApiResponse response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void everyPlaceOfThePageIsTheSameDocumentWithItsBase() {
        for (String path : new String[] {"/", "/failures/17", "/lanes/points/a%20b"}) {
            ApiResponse response = answer(path, "gzip", null);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.contentType()).isEqualTo("text/html;charset=utf-8");
            assertThat(body(response)).contains("<base href=\"/shop/ops/\">");
            assertThat(response.headers()).containsEntry("Cache-Control", "no-cache");
        }
    }

    @Test
    void allowsScriptsAndStylesOfItsOwnFilesOnly() {
        assertThat(answer("/", null, null).headers().get("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
    }

    @Test
    void escapesTheBase() {
        assertThat(body(page.answer("/", "/a\"><script>", null, null)))
                .contains("<base href=\"/a&quot;&gt;&lt;script&gt;/\">");
    }

    @Test
    void sendsWhatTheBrowserCanUnpack() {
        assertThat(body(answer("/assets/a-1.js", "gzip, deflate, br", null))).isEqualTo("brotli assets/a-1.js");
        assertThat(body(answer("/assets/a-1.js", "gzip, br;q=0", null))).isEqualTo("gzip assets/a-1.js");
        ApiResponse plain = answer("/assets/a-1.js", null, null);
        assertThat(body(plain)).isEqualTo("plain assets/a-1.js");
        assertThat(plain.headers())
                .containsEntry("Cache-Control", "public, max-age=31536000, immutable")
                .containsEntry("Vary", "Accept-Encoding")
                .doesNotContainKey("Content-Encoding");
    }

    @Test
    void saysThatTheBrowserHasItAlready() {
        for (String path : new String[] {"/", "/assets/a-1.js"}) {
            String tag = answer(path, null, null).headers().get("ETag");
            ApiResponse again = answer(path, "br", "W/\"other\", " + tag);
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
        }
    }

    @Test
    void aFileOfAnotherBuildIsNotFoundInsteadOfAPage() {
        assertThat(answer("/assets/a-0.js", null, null).status()).isEqualTo(404);
        assertThat(answer("/assets/../index.html", null, null).status()).isEqualTo(404);
    }

    @Test
    void aBuildWithoutThePageSaysSo() {
        ApiResponse response = ConsolePage.load("/no-page/").answer("/", "/amends", null, null);
        assertThat(response.status()).isEqualTo(404);
        assertThat(body(response)).contains("-DskipUi", "/amends/api/v1");
    }

    @Test
    void takesOnlyPathsFromAProxy() {
        assertThat(ConsolePage.forwardedPrefix(null)).isEmpty();
        assertThat(ConsolePage.forwardedPrefix("/a/b/")).isEqualTo("/a/b");
        assertThat(ConsolePage.forwardedPrefix("/a, /b")).isEqualTo("/a/b");
        for (String bad : new String[] {"a", "//evil.example", "/../x", "/a\"b", "http://evil.example", "/a b"}) {
            assertThat(ConsolePage.forwardedPrefix(bad)).as(bad).isEmpty();
        }
    }
}

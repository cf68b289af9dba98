package io.amends.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A page on which a person reads the operator API's description and tries it: Swagger UI, whose files come from the web
 * jar {@code org.webjars:swagger-ui} if the application has it.
 *
 * <p>It loads nothing from elsewhere, and calls the API with the rights of whoever looks at it. Thread-safe.
 */
public final class ApiPage {
    private static final String WEB_JAR = "/META-INF/maven/org.webjars/swagger-ui/pom.properties";
    private static final String STYLE = "swagger-ui.css";
    private static final String PROGRAM = "swagger-ui-bundle.js";
    private static final String START = "start.js";

    /** It is the only one that runs: no script stands in the document. */
    private static final String START_PROGRAM = """
            SwaggerUIBundle({
              url: 'v1/openapi.json',
              dom_id: '#api',
              deepLinking: true,
              defaultModelsExpandDepth: 0,
              displayRequestDuration: true,
              docExpansion: 'list',
              filter: true,
              validatorUrl: null,
            });
            """;

    private final Map<String, PageFile> files;

    private ApiPage(Map<String, PageFile> files) {
        this.files = files;
    }

    /**
     * Reads Swagger UI from the class path; empty if it is not there.
     *
     * @throws IllegalStateException if the web jar lacks a file
     * @throws UncheckedIOException if a file can not be read
     */
    public static Optional<ApiPage> load() {
        byte[] about = read(WEB_JAR);
        if (about == null) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(new String(about, StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            throw new UncheckedIOException(WEB_JAR, e);
        }
        String directory = "/META-INF/resources/webjars/swagger-ui/" + properties.getProperty("version") + "/";
        Map<String, PageFile> files = new TreeMap<>();
        for (String name : new String[] {STYLE, PROGRAM}) {
            byte[] content = read(directory + name);
            if (content == null) {
                throw new IllegalStateException("web jar org.webjars:swagger-ui: no " + directory + name);
            }
            files.put(name, PageFile.compressed(name, content));
        }
        files.put(START, PageFile.compressed(START, START_PROGRAM.getBytes(StandardCharsets.UTF_8)));
        return Optional.of(new ApiPage(files));
    }

    /**
     * Answers a GET of the page or of a file of it.
     *
     * @param file the name below {@code {base}/api/docs/}, empty for the page itself
     * @param base the console's path as the browser sees it
     * @param acceptEncoding the Accept-Encoding header, or null
     * @param ifNoneMatch the If-None-Match header, or null
     */
    public ApiResponse answer(String file, String base, @Nullable String acceptEncoding, @Nullable String ifNoneMatch) {
        if (file.isEmpty()) {
            return PageFile.document(document(base), ifNoneMatch);
        }
        PageFile found = files.get(file);
        return found == null
                ? ApiResponse.problem(Problem.of(404, "not-found", "Not found", "no such file: " + Texts.shown(file)))
                : found.answer(false, acceptEncoding, ifNoneMatch);
    }

    private static String document(String base) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <base href="%s">
                <title>Amends operator API</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <link rel="icon" href="data:,">
                <link rel="stylesheet" href="docs/%s">
                </head>
                <body>
                <div id="api"></div>
                <script src="docs/%s"></script>
                <script src="docs/%s"></script>
                </body>
                </html>
                """.formatted(PageFile.attribute(base + "/api/"), STYLE, PROGRAM, START);
    }

    private static byte @Nullable [] read(String name) {
        try (InputStream in = ApiPage.class.getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("operator API's page: can not read " + name, e);
        }
    }
}

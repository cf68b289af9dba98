package io.amends.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the documentation says is what the code says. With the environment variable {@code WRITE_DOCS} the generated parts
 * are brought up to date before.
 */
class DocsTest {
    private static final Path ROOT = GeneratedParts.root();
    private static final Pattern JAVA = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");

    @BeforeAll
    static void bringUpToDate() throws IOException {
        if (System.getenv("WRITE_DOCS") != null) {
            GeneratedParts.write();
        }
    }

    @Test
    void theStatesAreThoseOfTheTransitionTable() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/how-it-works.md"));
        assertThat(GeneratedParts.part(page, "transitions")).isEqualTo(GeneratedParts.transitions());
    }

    @Test
    void thePropertiesAreThoseOfTheStarter() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/configuration.md"));
        assertThat(GeneratedParts.part(page, "properties")).isEqualTo(GeneratedParts.properties());
    }

    @Test
    void everyJavaSnippetIsCompiledCode() throws IOException {
        StringBuilder compiled = new StringBuilder();
        for (Path source : files(ROOT.resolve("examples/loyalty/src/test/java/io/amends/examples/docs"), ".java")) {
            compiled.append(normal(Files.readString(source)));
        }
        compiled.append(normal(Files.readString(ROOT.resolve(
                "amends-spring-boot-starter/src/test/java/io/amends/spring/security/ConsoleSecurity.java"))));
        for (Path page : pages()) {
            Matcher snippet = JAVA.matcher(Files.readString(page));
            while (snippet.find()) {
                assertThat(compiled.toString()).as("%s", page).contains(normal(snippet.group(1)));
            }
        }
    }

    @Test
    void everyLinkToAFileHasOne() throws IOException {
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                assertThat(page.resolveSibling(link.group(1)).normalize())
                        .as("link in %s", page)
                        .exists();
            }
        }
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        pages.addAll(List.of(
                ROOT.resolve("README.md"),
                ROOT.resolve("README.zh-CN.md"),
                ROOT.resolve("CONTRIBUTING.md"),
                ROOT.resolve("examples/loyalty/README.md")));
        return pages;
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    /** Without comments and white space. */
    private static String normal(String code) {
        return code.replaceAll("//[^\\n]*", "").replaceAll("\\s+", "");
    }
}

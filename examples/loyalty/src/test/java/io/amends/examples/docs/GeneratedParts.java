package io.amends.examples.docs;

import io.amends.core.failure.Status;
import io.amends.core.failure.Transition;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The parts of the documentation that come from code; {@link DocsTest} writes or compares them. */
final class GeneratedParts {
    private GeneratedParts() {}

    /** Writes them into the repository's documentation. */
    static void write() throws IOException {
        Path docs = root().resolve("docs");
        write(docs.resolve("how-it-works.md"), "transitions", transitions());
        write(docs.resolve("configuration.md"), "properties", properties());
    }

    /** The repository's root. */
    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(directory.resolve("amends-api"))) {
            directory = directory.getParent();
        }
        return directory;
    }

    /** The states of a failed execution, as a diagram and a table. */
    static String transitions() {
        List<String> lines = new ArrayList<>(List.of("```mermaid", "stateDiagram-v2"));
        for (Transition transition : Transition.values()) {
            lines.add("    " + state(transition.from()) + " --> " + transition.to() + ": " + transition);
        }
        Arrays.stream(Status.values()).filter(Status::isDone).forEach(done -> lines.add("    " + done + " --> [*]"));
        lines.addAll(List.of("```", "", "| Transition | From | To | In the history |", "|---|---|---|---|"));
        for (Transition transition : Transition.values()) {
            String from = transition.from() == null ? "–" : "`" + transition.from() + "`";
            lines.add("| `" + transition + "` | " + from + " | `" + transition.to() + "` | `"
                    + transition.recordedAs().wireName() + "` |");
        }
        return String.join("\n", lines);
    }

    private static String state(Status status) {
        return status == null ? "[*]" : status.name();
    }

    /** Every property of the starter, from its metadata. */
    static String properties() throws IOException {
        TreeMap<String, String> rows = new TreeMap<>();
        for (URL metadata : Collections.list(
                GeneratedParts.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = metadata.openStream()) {
                for (JsonNode property : JsonMapper.shared().readTree(in).path("properties")) {
                    String name = property.path("name").asString();
                    if (name.startsWith("amends.") && !name.startsWith("amends.embedded.")) {
                        rows.put(name, row(name, property));
                    }
                }
            }
        }
        return "| Property | Type | Default | |\n|---|---|---|---|\n" + String.join("\n", rows.values());
    }

    private static String row(String name, JsonNode property) {
        String type = property.path("type")
                .asString()
                .replaceAll("[a-z]+\\.(?:[a-z]+\\.)*", "")
                .replaceAll("\\w+[$.]", "");
        JsonNode value = property.path("defaultValue");
        String text = value.isMissingNode()
                ? "–"
                : "`"
                        + (value.isArray()
                                ? String.join(
                                        ", ",
                                        value.valueStream()
                                                .map(JsonNode::asString)
                                                .toList())
                                : value.asString())
                        + "`";
        return "| `" + name + "` | " + type.replace("<", "&lt;") + " | " + text + " | "
                + property.path("description").asString() + " |";
    }

    /** The file's text between the two marks of a part. */
    static String part(String file, String name) {
        int begin = file.indexOf("-->", file.indexOf("<!-- " + name + ":")) + 3;
        return file.substring(begin, file.indexOf("<!-- /" + name + " -->")).strip();
    }

    private static void write(Path file, String name, String part) throws IOException {
        String text = Files.readString(file);
        int begin = text.indexOf("-->", text.indexOf("<!-- " + name + ":")) + 3;
        int end = text.indexOf("<!-- /" + name + " -->");
        Files.writeString(file, text.substring(0, begin) + "\n" + part + "\n" + text.substring(end));
    }
}

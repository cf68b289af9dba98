package io.amends.examples.loyalty.database;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The database that the application starts when {@code spring.datasource.url} names no other.
 *
 * @param directory Where its data are; default is examples/loyalty/data of the repository, or data elsewhere.
 * @param port Its port; 0 takes a free one.
 */
@ConfigurationProperties("amends.embedded")
record EmbeddedProperties(
        @Nullable Path directory, @DefaultValue("0") int port) {

    /** The directory; the same one whether Maven runs the application or the jar is started in the repository's root. */
    Path directoryOrDefault() {
        if (directory != null) {
            return directory;
        }
        Path module = Path.of("examples", "loyalty");
        return Files.isRegularFile(module.resolve("pom.xml")) ? module.resolve("data") : Path.of("data");
    }
}

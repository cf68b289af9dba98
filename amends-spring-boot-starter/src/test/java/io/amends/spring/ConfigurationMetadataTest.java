package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.spring.settings.AmendsProperties;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConfigurationMetadataTest {
    /** Their default depends on the application, or there is none. */
    private static final List<String> WITHOUT_DEFAULT = List.of(
            "amends.source",
            "amends.node-name",
            "amends.build",
            "amends.processors",
            "amends.console.access.proxy.networks",
            "amends.console.access.oidc.issuer",
            "amends.console.access.oidc.client-id",
            "amends.console.access.oidc.client-secret",
            "amends.console.access.oidc.base-url",
            "amends.console.access.oidc.cookie-keys",
            "amends.console.access.oidc.role-mapping",
            "amends.redact.headers",
            "amends.redact.patterns",
            "amends.redact.payload-paths",
            "amends.console.access.roles",
            "amends.console.access.users");

    private static JsonNode metadata() throws IOException {
        try (InputStream stream =
                AmendsProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            return JsonMapper.shared().readTree(stream);
        }
    }

    @Test
    void everyPropertyHasADescriptionAndADefault() throws IOException {
        List<String> incomplete = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (JsonNode property : metadata().get("properties")) {
            String name = property.get("name").asString();
            names.add(name);
            if (!property.hasNonNull("description")
                    || !property.get("description").asString().endsWith(".")) {
                incomplete.add(name + ": no sentence");
            }
            if (!property.hasNonNull("defaultValue") && !WITHOUT_DEFAULT.contains(name)) {
                incomplete.add(name + ": no default");
            }
        }
        assertThat(incomplete).isEmpty();
        assertThat(names)
                .contains(
                        "amends.lease",
                        "amends.retry.min-backoff",
                        "amends.compensation.enabled",
                        "amends.schema.mode",
                        "amends.console.path",
                        "amends.cloudevents.max-event-bytes",
                        "amends.datasource.own-pool");
    }
}

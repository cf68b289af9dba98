package io.amends.core.causality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.core.causality.Advance.Rule;
import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CausalityTest {
    private static final StreamRule OWN = new StreamRule("user", "", "", "", false, Rule.SKIP_OLDER_AND_EQUAL);
    private static final StreamRule PATHS = new StreamRule("region", "user", "version", "epoch", true, Rule.NEVER_SKIP);

    @Test
    void aFunctionWithoutDeclarationsMovesNothing() {
        assertThat(Causality.of(List.of(), new Pairs())).isSameAs(Causality.NONE);
        assertThat(Causality.NONE.advances(event("u1", 1L, null, ""))).isEmpty();
    }

    @Test
    void keyVersionAndEpochAreTheEventsOwnUnlessPathsSayOtherwise() {
        Causality causality = Causality.of(List.of(OWN, PATHS), new Pairs());
        assertThat(causality.advances(event("u1", 4L, 2L, "user=u7;version=9;epoch=3")))
                .containsExactly(
                        new Advance(
                                new StreamKey("user", "u1"), new StreamVersion(2, 4), false, Rule.SKIP_OLDER_AND_EQUAL),
                        new Advance(new StreamKey("region", "u7"), new StreamVersion(3, 9), true, Rule.NEVER_SKIP));
    }

    @Test
    void aMissingEpochIsZero() {
        assertThat(Causality.of(List.of(OWN, PATHS), new Pairs()).advances(event("u1", 4L, null, "user=u7;version=9")))
                .extracting(advance -> advance.version().epoch())
                .containsExactly(0L, 0L);
    }

    @Test
    void theTenantIsPartOfTheEntity() {
        EventEnvelope event = event("u1", 1L, null, "", Map.of("tenantid", "acme"));
        assertThat(Causality.of(List.of(OWN), new Pairs()).advances(event))
                .singleElement()
                .satisfies(advance -> assertThat(advance.entity()).isEqualTo(new StreamKey("user", "acme/u1")));
    }

    @Test
    void whatADeclarationNamesAndAnEventLacksIsAMistakeOfTheEvent() {
        assertMistake(OWN, event(null, 1L, null, ""), "stream user: key: the event has no key");
        assertMistake(OWN, event("u1", null, null, ""), "stream user: version: the event has no version");
        assertMistake(
                PATHS, event("u1", 1L, null, "version=1"), "stream region: key: the payload has no value at user");
        assertMistake(
                PATHS, event("u1", 1L, null, "user=u1"), "stream region: version: the payload has no value at version");
    }

    @Test
    void versionsAndEpochsAreWholeNumbersOf64Bits() {
        for (String wrong : List.of("1.5", "v1", "9223372036854775808", " 1", "1e3")) {
            assertMistake(
                    PATHS,
                    event("u1", 1L, null, "user=u1;version=" + wrong),
                    "version: " + wrong + " (expected: a whole number");
            assertMistake(
                    PATHS,
                    event("u1", 1L, null, "user=u1;version=1;epoch=" + wrong),
                    "epoch: " + wrong + " (expected: a whole number");
        }
        assertMistake(PATHS, event("u1", 1L, null, "user=u1;version=" + "x".repeat(500)), "x".repeat(40) + "…");
        assertThat(Causality.of(List.of(PATHS), new Pairs())
                        .advances(event("u1", 1L, null, "user=u1;version=-9223372036854775808")))
                .singleElement()
                .satisfies(advance -> assertThat(advance.version().version()).isEqualTo(Long.MIN_VALUE));
    }

    @Test
    void anEntityHasABoundedKeyWithoutNulCharacters() {
        assertMistake(
                PATHS,
                event("u1", 1L, null, "version=1;user=" + "ü".repeat(513)),
                "key: 1026 bytes (expected: at most 1024");
        assertMistake(PATHS, event("u1", 1L, null, "version=1;user=a\0b"), "without NUL characters");
    }

    private static void assertMistake(StreamRule rule, EventEnvelope event, String message) {
        Causality causality = Causality.of(List.of(rule), new Pairs());
        assertThatThrownBy(() -> causality.advances(event))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining(message);
    }

    private static EventEnvelope event(
            @Nullable String key, @Nullable Long version, @Nullable Long epoch, String data) {
        return event(key, version, epoch, data, Map.of());
    }

    private static EventEnvelope event(
            @Nullable String key,
            @Nullable Long version,
            @Nullable Long epoch,
            String data,
            Map<String, String> headers) {
        return new EventEnvelope(
                "e1",
                "/test",
                "t",
                null,
                null,
                "text/plain",
                data.getBytes(StandardCharsets.UTF_8),
                key,
                version,
                epoch,
                null,
                null,
                null,
                new Headers(headers));
    }

    /** Payloads as {@code name=value;name=value}. */
    private static final class Pairs implements EventCodec {
        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public byte[] encode(Object payload) {
            return payload.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object decode(byte[] data, Type type) {
            return new String(data, StandardCharsets.UTF_8);
        }

        @Override
        public Optional<String> text(byte[] data, String path) {
            for (String pair : new String(data, StandardCharsets.UTF_8).split(";")) {
                if (pair.startsWith(path + "=")) {
                    return Optional.of(pair.substring(path.length() + 1));
                }
            }
            return Optional.empty();
        }
    }
}

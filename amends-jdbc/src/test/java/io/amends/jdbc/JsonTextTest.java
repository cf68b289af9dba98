package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON of the store's own columns. */
class JsonTextTest {

    @Test
    void whatIsWrittenIsReadBack() {
        Map<String, Object> value = new TreeMap<>(Map.of(
                "plain", "text",
                "odd", "\"quoted\" \\ / \b\f\n\r\t \u0001 ü 漢 \uD83D\uDE00",
                "empty", "",
                "list", List.of("a", List.of(), new TreeMap<>(Map.of("x", "y")))));

        assertThat(JsonText.read(JsonText.write(value))).isEqualTo(value);
        assertThat(JsonText.write(Map.of())).isEqualTo("{}");
        assertThat(JsonText.write(List.of())).isEqualTo("[]");
    }

    @Test
    void spaceAndEscapesAreRead() {
        assertThat(JsonText.strings(" { \"a\" : \"\\u00e4\\/\" , \"b\":\"\" } "))
                .isEqualTo(new TreeMap<>(Map.of("a", "ä/", "b", "")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[\"a\"", "{\"a\"}", "\"a", "[1]", "[] []", "\"\\x\"", "\"\\u12\"", "{\"a\":\"b\",}"})
    void whatIsNoSuchJsonIsRefused(String wrong) {
        assertThatThrownBy(() -> JsonText.read(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
}

package io.amends.jackson;

import static io.amends.core.define.PayloadShape.Place.ABSENT;
import static io.amends.core.define.PayloadShape.Place.STRUCTURE;
import static io.amends.core.define.PayloadShape.Place.UNKNOWN;
import static io.amends.core.define.PayloadShape.Place.VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import io.amends.api.RetryPolicy;
import io.amends.core.define.InvalidDefinitionException;
import io.amends.core.define.PayloadShape.Place;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

class JsonShapeTest {
    enum Color {
        RED
    }

    record UserId(@JsonValue String value) {}

    record Address(String street, int number) {}

    record Money(long cents) {}

    interface Shape {}

    record Paid(
            @JsonProperty("user_id") String userId,
            @JsonAlias("old") String renamed,
            UserId typed,
            Address address,
            List<Address> addresses,
            Map<String, String> labels,
            Optional<String> coupon,
            Optional<Address> second,
            Instant at,
            UUID uuid,
            Color color,
            boolean flag,
            Object any,
            JsonNode node,
            Shape shape,
            byte[] bytes,
            Money money,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Address formatted) {}

    static final class Unwrapping {
        @JsonUnwrapped
        public Address address;

        public String own;
    }

    static final class Open {
        public String own;
        private final Map<String, Object> rest = new HashMap<>();

        @JsonAnySetter
        void put(String name, Object value) {
            rest.put(name, value);
        }
    }

    static final class ReadOnly {
        @JsonCreator
        ReadOnly(@JsonProperty("userId") String userId) {}
    }

    private final JacksonEventCodec codec = new JacksonEventCodec();

    @Test
    void propertiesAreKnownByTheirJsonNames() {
        assertThat(at(Paid.class, "user_id")).isEqualTo(VALUE);
        assertThat(at(Paid.class, "userId")).isEqualTo(ABSENT);
        assertThat(at(Paid.class, "old")).isEqualTo(VALUE);
        assertThat(at(ReadOnly.class, "userId")).isEqualTo(VALUE);
        JacksonEventCodec snake = new JacksonEventCodec(JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build());
        assertThat(snake.at(Money.class, "cents")).isEqualTo(VALUE);
        assertThat(snake.at(ReadOnlyCamel.class, "user_id")).isEqualTo(VALUE);
        assertThat(snake.at(ReadOnlyCamel.class, "userId")).isEqualTo(ABSENT);
    }

    record ReadOnlyCamel(String userId) {}

    @Test
    void valuesAreKeys() {
        for (String path : List.of(
                "typed",
                "coupon",
                "at",
                "uuid",
                "color",
                "flag",
                "bytes",
                "address.street",
                "address.number",
                "second.street")) {
            assertThat(at(Paid.class, path)).as(path).isEqualTo(VALUE);
        }
    }

    @Test
    void objectsAndArraysAreNot() {
        for (String path : List.of("address", "addresses", "labels", "second", "money")) {
            assertThat(at(Paid.class, path)).as(path).isEqualTo(STRUCTURE);
        }
    }

    @Test
    void whatNoInstanceHasIsAbsent() {
        for (String path : List.of("x", "address.x", "addresses.street", "flag.x", "typed.value", "coupon.x")) {
            assertThat(at(Paid.class, path)).as(path).isEqualTo(ABSENT);
        }
    }

    @Test
    void whatDependsOnTheInstanceIsUnknown() {
        for (String path : List.of("any", "any.x", "node", "node.x", "shape.x", "labels.x", "formatted")) {
            assertThat(at(Paid.class, path)).as(path).isEqualTo(UNKNOWN);
        }
        assertThat(at(Unwrapping.class, "street")).isEqualTo(UNKNOWN);
        assertThat(at(Unwrapping.class, "own")).isEqualTo(VALUE);
        assertThat(at(Open.class, "anything")).isEqualTo(UNKNOWN);
        assertThat(at(Map.class, "x")).isEqualTo(UNKNOWN);
        assertThat(at(JsonNode.class, "x")).isEqualTo(UNKNOWN);
        assertThat(at(Object.class, "x")).isEqualTo(UNKNOWN);
        assertThat(at(byte[].class, "x")).isEqualTo(UNKNOWN);
        assertThat(at(String.class, "x")).isEqualTo(UNKNOWN);
    }

    @Test
    void aSerializerOfTheApplicationIsNotGuessed() {
        SimpleModule module = new SimpleModule().addSerializer(new StdSerializer<Money>(Money.class) {
            @Override
            public void serialize(Money value, JsonGenerator generator, SerializationContext context) {
                generator.writeNumber(value.cents());
            }
        });
        JacksonEventCodec own =
                new JacksonEventCodec(JsonMapper.builder().addModule(module).build());

        assertThat(own.at(Paid.class, "money")).isEqualTo(UNKNOWN);
    }

    @Test
    void theBinderChecksKeyPathsByIt() {
        assertThat(bind("user_id").keyPaths()).containsExactly("user_id");
        assertThatThrownBy(() -> bind("userId"))
                .isInstanceOf(InvalidDefinitionException.class)
                .hasMessageContaining("key: userId (expected: a property of one of Paid)");
        assertThatThrownBy(() -> bind("address")).hasMessageContaining("key: address is an object or array in Paid");
    }

    private io.amends.core.define.ProcessorDefinition bind(String key) {
        return new ProcessorBinder(codec, RetryPolicy.DEFAULT)
                .add(ProcessorSpec.named("p").key(key).on(Paid.class, (paid, delivery) -> {}))
                .bind()
                .get(0);
    }

    private Place at(Class<?> type, String path) {
        return codec.at(type, path);
    }
}

package io.amends.core.causality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.core.causality.Causes.Cause;
import io.amends.core.event.CodecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CausesTest {
    @Test
    void whatIsPublishedWhileAnEventIsHandledNamesItAndItsCauses() {
        String first = Causes.after(event("order.paid", "p 1,2:3%", null));
        String second = Causes.after(event("points.added", "é", first));

        assertThat(second).matches("[\\x21-\\x7e]+");
        assertThat(Causes.of(event("x", "x", second)))
                .containsExactly(new Cause("order.paid", "p 1,2:3%"), new Cause("points.added", "é"));
        assertThat(Causes.of(event("x", "x", null))).isEmpty();
    }

    @Test
    void onlyTheNewestAreCarried() {
        String causes = null;
        for (int i = 1; i <= 20; i++) {
            causes = Causes.after(event("t", "e" + i, causes));
        }
        assertThat(Causes.of(event("x", "x", causes))).hasSize(8).last().isEqualTo(new Cause("t", "e20"));

        String longId = "i".repeat(900);
        for (int i = 0; i < 5; i++) {
            causes = Causes.after(event("t", longId + i, causes));
        }
        assertThat(causes.length()).isLessThanOrEqualTo(2000);
        assertThat(Causes.of(event("x", "x", causes))).isNotEmpty();
    }

    @Test
    void whatABatchPublishesNamesAllOfIt() {
        List<EventEnvelope> batch = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            batch.add(event("t", "e" + i, "order.paid:p" + i));
        }

        assertThat(Causes.of(event("x", "x", Causes.after(batch))))
                .containsExactlyElementsOf(
                        batch.stream().map(e -> new Cause("t", e.id())).toList());
        assertThat(Causes.of(event("x", "x", Causes.after(batch.subList(0, 2)))))
                .containsExactly(
                        new Cause("order.paid", "p1"),
                        new Cause("order.paid", "p2"),
                        new Cause("t", "e1"),
                        new Cause("t", "e2"));

        List<EventEnvelope> many = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            many.add(event("t", "a-long-id-" + i, null));
        }
        assertThat(Causes.after(many)).hasSizeLessThanOrEqualTo(2000).endsWith("t:a-long-id-200");
    }

    @Test
    void anAttributeThatIsNotReadableIsAMistakeOfTheEventAndIsNotSentOn() {
        for (String wrong : new String[] {"x", ":x", "x:", "a:b,,c:d", "a:%zz", "a:b,"}) {
            EventEnvelope event = event("t", "e1", wrong);
            assertThatThrownBy(() -> Causes.of(event))
                    .as(wrong)
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("expected: type:id");
            assertThat(Causes.after(event)).isEqualTo("t:e1");
        }
    }

    private static EventEnvelope event(String type, String id, @Nullable String causes) {
        return new EventEnvelope(
                id,
                "/test",
                type,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new Headers(causes == null ? Map.of() : Map.of(Causes.HEADER, causes)));
    }
}

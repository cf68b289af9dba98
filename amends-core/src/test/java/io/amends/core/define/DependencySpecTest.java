package io.amends.core.define;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventProcessor;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.api.OnGap;
import io.amends.api.OnTimeout;
import io.amends.api.RequireVersion;
import io.amends.api.RetryPolicy;
import io.amends.api.RunAfter;
import io.amends.api.Sequenced;
import io.amends.api.SkipStale;
import io.amends.core.causality.Causality;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What an annotation says can be said in code, and means the same. */
class DependencySpecTest {
    @EventType("paid")
    record Paid(String order, String payment) {}

    @EventType("moved")
    record Moved(String user, long region, long era) {}

    @EventType("counted")
    record Counted(String user, long number, long era, String at) {}

    @EventType("cancelled")
    record Cancelled(String order, String paidBy, String user, long region, long era, boolean wasPaid) {}

    @EventProcessor(name = "points")
    static class Points {
        @OnEvent(tracks = "payment")
        void on(Paid event) {}

        @OnEvent
        @SkipStale(stream = "region", key = "user", version = "region", epoch = "era")
        void on(Moved event) {}

        @OnEvent
        @Sequenced(
                stream = "count",
                key = "user",
                version = "number",
                epoch = "era",
                first = 1,
                onGap = OnGap.PROCEED,
                timeout = "PT2M")
        @RunAfter(causes = true, assumeHandledBefore = "2026-01-01T00:00:00Z", time = "at")
        void on(Counted event) {}

        @OnEvent
        @RunAfter(
                event = Paid.class,
                key = {"order", "paidBy"},
                eventKey = {"order", "payment"},
                when = "wasPaid",
                timeout = "PT5M",
                onTimeout = OnTimeout.PROCEED)
        @RequireVersion(
                processor = "points",
                stream = "region",
                key = "user",
                atLeast = "region",
                epoch = "era",
                timeout = "PT1M",
                onTimeout = OnTimeout.SKIP)
        void on(Cancelled event) {}
    }

    private static ProcessorSpec inCode() {
        return ProcessorSpec.named("points")
                .function(FunctionSpec.of(Paid.class, (event, delivery) -> {}).tracks("payment"))
                .function(FunctionSpec.of(Moved.class, (event, delivery) -> {})
                        .skipStale(StreamSpec.of("region")
                                .key("user")
                                .version("region")
                                .epoch("era")))
                .function(FunctionSpec.of(Counted.class, (event, delivery) -> {})
                        .sequenced(SequenceSpec.of("count")
                                .key("user")
                                .version("number")
                                .epoch("era")
                                .first(1)
                                .onGap(OnGap.PROCEED, Duration.ofMinutes(2)))
                        .requires(DependencySpec.afterCauses()
                                .assumeHandledBefore(Instant.parse("2026-01-01T00:00:00Z"), "at")))
                .function(FunctionSpec.of(Cancelled.class, (event, delivery) -> {})
                        .requires(DependencySpec.after(Paid.class)
                                .key("order", "paidBy")
                                .eventKey("order", "payment")
                                .when("wasPaid")
                                .timeout(Duration.ofMinutes(5), OnTimeout.PROCEED))
                        .requires(DependencySpec.atLeast("region", "region")
                                .inProcessor("points")
                                .key("user")
                                .epoch("era")
                                .timeout(Duration.ofMinutes(1), OnTimeout.SKIP)));
    }

    @Test
    void codeAndAnnotationsMeanTheSame() {
        for (String type : new String[] {"paid", "moved", "counted", "cancelled"}) {
            Causality annotated = causality(new Points(), type);
            Causality inCode = causality(inCode(), type);
            assertThat(inCode.rules()).as(type).isEqualTo(annotated.rules());
            assertThat(inCode.tracks()).as(type).isEqualTo(annotated.tracks());
            assertThat(inCode.requires()).as(type).isEqualTo(annotated.requires());
        }
        assertThat(causality(inCode(), "paid").tracks()).hasSize(3);
        assertThat(causality(inCode(), "counted").requires()).hasSize(2);
        assertThat(causality(inCode(), "cancelled").requires()).hasSize(2);
    }

    private static Causality causality(Object processor, String type) {
        FunctionDefinition function = new ProcessorBinder(new TextCodec(), RetryPolicy.DEFAULT)
                .add(processor)
                .bind()
                .get(0)
                .functionFor(type);
        assertThat(function).isNotNull();
        return function.causality();
    }
}

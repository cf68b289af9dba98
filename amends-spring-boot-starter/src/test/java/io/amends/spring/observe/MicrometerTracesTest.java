package io.amends.spring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.core.observe.TraceContext;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleTracer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class MicrometerTracesTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private final SimpleTracer tracer = new SimpleTracer();
    private final MicrometerTraces traces = new MicrometerTraces(tracer);

    private static EventEnvelope event(String traceParent) {
        return new EventEnvelope(
                "1", "/s", "t", null, null, null, null, null, null, null, null, null, traceParent, Headers.NONE);
    }

    @Test
    void hasNoTraceParentWithoutASpan() {
        assertThat(traces.current()).isNull();
        assertThat(new MicrometerTraces(Tracer.NOOP).current()).isNull();
    }

    @Test
    void writesTheCurrentSpanAsATraceParent() {
        SimpleSpan span = tracer.nextSpan().start();
        span.context().setTraceId(TRACE);
        span.context().setSpanId("b7ad6b7169203331");
        span.context().setSampled(true);
        try (Tracer.SpanInScope scope = tracer.withSpan(span)) {
            assertThat(traces.current()).isEqualTo("00-" + TRACE + "-b7ad6b7169203331-01");
            span.context().setTraceId("8448eb211c80319c");
            span.context().setSampled(false);
            assertThat(traces.current()).isEqualTo("00-00000000000000008448eb211c80319c-b7ad6b7169203331-00");
            span.context().setTraceId("not hexadecimal");
            assertThat(traces.current()).isNull();
        }
    }

    @Test
    void runsAHandlerInAChildOfThePublishersSpan() {
        TraceContext.Scope scope =
                traces.open(event("00-" + TRACE + "-b7ad6b7169203331-01"), "points", "on(OrderPaid)");
        assertThat(tracer.currentSpan()).isNotNull();
        scope.close(null);
        SimpleSpan span = tracer.onlySpan();
        assertThat(tracer.currentSpan()).isNull();
        assertThat(span.context().traceId()).isEqualTo(TRACE);
        assertThat(span.context().parentId()).isEqualTo("b7ad6b7169203331");
        assertThat(span.getName()).isEqualTo("amends handle points");
        assertThat(span.getKind()).isEqualTo(Span.Kind.CONSUMER);
        assertThat(span.getTags()).containsEntry("amends.function", "on(OrderPaid)");
        assertThat(span.getError()).isNull();
    }

    @Test
    void marksTheSpanOfAFailedRun() {
        IllegalStateException error = new IllegalStateException("no");
        traces.open(event(null), "points", "on(OrderPaid)").close(error);
        assertThat(tracer.onlySpan().getError()).isSameAs(error);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            })
    void beginsATraceOfItsOwnWithoutAValidTraceParent(String traceParent) {
        traces.open(event(traceParent), "points", "f").close(null);
        assertThat(tracer.onlySpan().context().traceId()).isNotEqualTo(TRACE);
    }

    @Test
    void worksWithANoopTracer() {
        new MicrometerTraces(Tracer.NOOP)
                .open(event("00-" + TRACE + "-b7ad6b7169203331-01"), "points", "f")
                .close(new IllegalStateException());
    }
}

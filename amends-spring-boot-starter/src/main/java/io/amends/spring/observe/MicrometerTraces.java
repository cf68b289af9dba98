package io.amends.spring.observe;

import io.amends.api.EventEnvelope;
import io.amends.core.observe.TraceContext;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Carries traces through events with Micrometer Tracing: the publisher's span is the parent of each run's span, retries
 * included, whatever propagation format the application uses for HTTP.
 */
public final class MicrometerTraces implements TraceContext {
    /** W3C Trace Context, section 3.2. */
    private static final Pattern TRACE_PARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    private final Tracer tracer;

    /** Creates it for the application's tracer. */
    public MicrometerTraces(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    public @Nullable String current() {
        Span span = tracer.currentSpan();
        if (span == null || span.isNoop()) {
            return null;
        }
        String traceId = span.context().traceId();
        String spanId = span.context().spanId();
        if (traceId.isEmpty() || spanId.isEmpty()) {
            return null;
        }
        // Brave may work with trace ids of 64 bits
        String traceId128 = "0".repeat(Math.max(0, 32 - traceId.length())) + traceId;
        String text = "00-" + traceId128 + "-" + spanId + "-"
                + (Boolean.TRUE.equals(span.context().sampled()) ? "01" : "00");
        return TRACE_PARENT.matcher(text).matches() ? text : null;
    }

    @Override
    public Scope open(EventEnvelope event, String processor, String function) {
        Span.Builder builder = tracer.spanBuilder()
                .name("amends handle " + processor)
                .kind(Span.Kind.CONSUMER)
                .tag("amends.processor", processor)
                .tag("amends.function", function)
                .tag("messaging.message.id", event.id())
                .tag("cloudevents.event_type", event.type());
        io.micrometer.tracing.TraceContext parent = parent(event.traceParent());
        Span span = (parent == null ? builder.setNoParent() : builder.setParent(parent)).start();
        Tracer.SpanInScope scope = tracer.withSpan(span);
        return error -> {
            scope.close();
            if (error != null) {
                span.error(error);
            }
            span.end();
        };
    }

    private io.micrometer.tracing.@Nullable TraceContext parent(@Nullable String traceParent) {
        if (traceParent == null) {
            return null;
        }
        Matcher matcher = TRACE_PARENT.matcher(traceParent.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return null;
        }
        return tracer.traceContextBuilder()
                .traceId(matcher.group(1))
                .spanId(matcher.group(2))
                .sampled((Integer.parseInt(matcher.group(3), 16) & 1) == 1)
                .build();
    }
}

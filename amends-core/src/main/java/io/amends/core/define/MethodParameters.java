package io.amends.core.define;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a handler method takes.
 *
 * @param parts what each parameter gets
 * @param payload what the codec decodes into, null if the method takes no payload
 * @param batch whether it takes several events at once
 */
record MethodParameters(List<Part> parts, @Nullable Type payload, boolean batch) {

    /** What a parameter gets. */
    enum Part {
        PAYLOAD,
        ENVELOPE,
        HEADERS,
        ATTEMPT,
        PAYLOADS,
        ENVELOPES,
        HEADERS_LIST
    }

    /** Reads the parameters of a method as its processor's class sees them; mistakes go to the list. */
    static MethodParameters of(Method method, GenericTypes types, List<String> mistakes) {
        Type[] declared = method.getGenericParameterTypes();
        List<Part> parts = new ArrayList<>();
        Type payload = null;
        for (int i = 0; i < declared.length; i++) {
            Type type = types.resolve(declared[i]);
            Type listed = element(type);
            Type element = listed == null ? null : types.resolve(listed);
            Part part = known(type, element);
            if (part == null && i == 0) {
                part = element == null ? Part.PAYLOAD : Part.PAYLOADS;
                payload = element == null ? type : element;
            }
            if (part == null) {
                mistakes.add("parameter " + (i + 1) + ": " + type.getTypeName()
                        + " (expected: EventEnvelope, Headers or Attempt); the payload is the first parameter");
                continue;
            }
            parts.add(part);
        }
        boolean batch =
                parts.stream().anyMatch(p -> p == Part.PAYLOADS || p == Part.ENVELOPES || p == Part.HEADERS_LIST);
        if (batch) {
            for (Part part : parts) {
                switch (part) {
                    case PAYLOAD ->
                        mistakes.add("parameter 1: " + PayloadTypes.simpleName(payload == null ? Object.class : payload)
                                + " beside a List (expected: a List of payloads in a batch function)");
                    case ENVELOPE ->
                        mistakes.add("parameter EventEnvelope in a batch function (expected: List<EventEnvelope>)");
                    case HEADERS -> mistakes.add("parameter Headers in a batch function (expected: List<Headers>)");
                    case ATTEMPT, PAYLOADS, ENVELOPES, HEADERS_LIST -> {}
                }
            }
        }
        if (payload != null) {
            String mistake = PayloadTypes.mistake(payload);
            if (mistake != null) {
                mistakes.add(mistake);
            }
        }
        return new MethodParameters(List.copyOf(parts), payload, batch);
    }

    /** The arguments of one call. */
    Object[] arguments(List<HandledEvent> events, Attempt attempt) {
        Object[] arguments = new Object[parts.size()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = switch (parts.get(i)) {
                case PAYLOAD -> events.get(0).payload();
                case ENVELOPE -> events.get(0).event();
                case HEADERS -> events.get(0).event().headers();
                case ATTEMPT -> attempt;
                case PAYLOADS -> events.stream().map(HandledEvent::payload).toList();
                case ENVELOPES -> events.stream().map(HandledEvent::event).toList();
                case HEADERS_LIST ->
                    events.stream().map(e -> e.event().headers()).toList();
            };
        }
        return arguments;
    }

    private static @Nullable Part known(Type type, @Nullable Type element) {
        if (type == EventEnvelope.class) {
            return Part.ENVELOPE;
        }
        if (type == Headers.class) {
            return Part.HEADERS;
        }
        if (type == Attempt.class) {
            return Part.ATTEMPT;
        }
        if (element == EventEnvelope.class) {
            return Part.ENVELOPES;
        }
        return element == Headers.class ? Part.HEADERS_LIST : null;
    }

    /** The element type of a List, null for every other type; a List without one has elements of any type. */
    private static @Nullable Type element(Type type) {
        if (type == List.class) {
            return Object.class;
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            Type element = generic.getActualTypeArguments()[0];
            return element instanceof WildcardType wildcard ? wildcard.getUpperBounds()[0] : element;
        }
        return null;
    }
}

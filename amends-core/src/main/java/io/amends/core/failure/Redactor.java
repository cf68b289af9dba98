package io.amends.core.failure;

import io.amends.api.EventEnvelope;

/**
 * Removes secrets from texts before they are stored: messages, stack traces and binding errors of failed executions.
 * Thread-safe; must not block. If it throws, the text is dropped, never stored as it was.
 */
@FunctionalInterface
public interface Redactor {

    /** Changes nothing. */
    Redactor NONE = text -> text;

    /** The text without secrets. */
    String redact(String text);

    /** The redactor of what failed with this event: it may also take out what the event says. By default this one. */
    default Redactor of(EventEnvelope event) {
        return this;
    }

    /** Both, this one first. */
    default Redactor then(Redactor next) {
        Redactor first = this;
        return new Redactor() {
            @Override
            public String redact(String text) {
                return next.redact(first.redact(text));
            }

            @Override
            public Redactor of(EventEnvelope event) {
                Redactor firstOf = first.of(event);
                Redactor nextOf = next.of(event);
                return text -> nextOf.redact(firstOf.redact(text));
            }
        };
    }
}

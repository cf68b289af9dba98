package io.amends.core.failure;

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
}

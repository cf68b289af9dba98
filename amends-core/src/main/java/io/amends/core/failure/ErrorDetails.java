package io.amends.core.failure;

import java.util.List;

/**
 * What is kept of an exception: bounded, redacted, and free of characters that no database takes.
 *
 * @param code the stable error code, at most 100 characters: {@link io.amends.api.CodedError}, else the class name of
 *     the outermost exception that is not a wrapper
 * @param message at most 4,096 characters
 * @param causes the cause chain, outermost first, at most 16
 * @param bindings violated constraints, at most 50
 * @param stack the stack trace, at most 64 KiB and 500 lines
 */
public record ErrorDetails(String code, String message, List<Cause> causes, List<Binding> bindings, String stack) {

    /** A record that has not failed. */
    public static final ErrorDetails NONE = new ErrorDetails("", "", List.of(), List.of(), "");

    /** Copies the lists. */
    public ErrorDetails {
        causes = List.copyOf(causes);
        bindings = List.copyOf(bindings);
    }

    /**
     * An exception of the chain.
     *
     * @param type its class name
     * @param message its message, at most 1,024 characters
     */
    public record Cause(String type, String message) {}

    /**
     * A violated constraint.
     *
     * @param path the property's path
     * @param message what was expected
     */
    public record Binding(String path, String message) {}
}

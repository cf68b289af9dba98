package io.amends.core.causality;

/** An event that comes after its sequence went on without it. */
public final class LateEventException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    LateEventException(Advance advance, StreamVersion done) {
        super("version " + advance.version() + " of " + advance.entity() + " comes after " + done
                + " (expected: before it); the sequence went on without it: let it run, or skip it");
    }
}

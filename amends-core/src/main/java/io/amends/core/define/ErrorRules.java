package io.amends.core.define;

import java.util.List;

/**
 * The exceptions that a function's {@code @Retry} names; the nearest class of both lists decides.
 *
 * @param recoverable worth a retry
 * @param unrecoverable no retry can cure them
 */
public record ErrorRules(List<Class<? extends Throwable>> recoverable, List<Class<? extends Throwable>> unrecoverable) {

    /** No exception is named. */
    public static final ErrorRules NONE = new ErrorRules(List.of(), List.of());

    /** Copies the lists. */
    public ErrorRules {
        recoverable = List.copyOf(recoverable);
        unrecoverable = List.copyOf(unrecoverable);
    }
}

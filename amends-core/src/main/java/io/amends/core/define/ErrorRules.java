package io.amends.core.define;

import java.util.List;

/**
 * The exceptions that a function's {@code @Retry} names; the nearest class of both lists decides.
 *
 * @param recoverable worth a retry
 * @param unrecoverable no retry can cure them
 * @param waitOn they say that the event is too early
 */
public record ErrorRules(
        List<Class<? extends Throwable>> recoverable,
        List<Class<? extends Throwable>> unrecoverable,
        List<Class<? extends Throwable>> waitOn) {

    /** No exception is named. */
    public static final ErrorRules NONE = new ErrorRules(List.of(), List.of(), List.of());

    /** Copies the lists. */
    public ErrorRules {
        recoverable = List.copyOf(recoverable);
        unrecoverable = List.copyOf(unrecoverable);
        waitOn = List.copyOf(waitOn);
    }

    /** Whether the error, or one of its causes, says that the event is too early. */
    public boolean saysTooEarly(Throwable error) {
        Throwable cause = error;
        for (int depth = 0; cause != null && depth < 16; depth++, cause = cause.getCause()) {
            for (Class<? extends Throwable> listed : waitOn) {
                if (listed.isInstance(cause)) {
                    return true;
                }
            }
        }
        return false;
    }
}

package io.amends.api;

import org.jspecify.annotations.Nullable;

/**
 * Tells whether an exception is worth a retry, for exceptions that no {@link Retry} list names.
 *
 * <p>Asked for each exception of a cause chain, outermost first, until one answers; several classifiers are asked in the
 * order of their registration. Must be thread-safe and must not block. If it throws, the answer is
 * {@link Recoverability#UNKNOWN} and the failure is recorded all the same.
 */
@FunctionalInterface
public interface ErrorClassifier {

    /** Answers for this one exception, not for its causes; null passes the question on. */
    @Nullable Recoverability classify(Throwable error);
}

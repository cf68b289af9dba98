package io.amends.core.failure;

import io.amends.api.ErrorClassifier;
import io.amends.api.Recoverability;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether retrying after an exception is worth it. In this order, each over the whole cause chain, outermost
 * first: the exceptions that the function names, the application's classifiers one after the other, {@link
 * TransientErrors}; else {@link Recoverability#UNKNOWN}.
 *
 * <p>Thread-safe; never throws. Of a chain of more than 16 the outermost 15 and the root are asked about.
 */
public final class ErrorClassification {
    private final List<ErrorClassifier> classifiers;
    private final Consumer<String> warnings;

    /**
     * Creates it.
     *
     * @param classifiers the application's, in the order in which they are asked
     * @param warnings takes which of them threw, one line without any text of the exception
     */
    public ErrorClassification(List<ErrorClassifier> classifiers, Consumer<String> warnings) {
        List<ErrorClassifier> all = new ArrayList<>(classifiers);
        all.add(new TransientErrors());
        this.classifiers = List.copyOf(all);
        this.warnings = warnings;
    }

    /**
     * The answer for an exception.
     *
     * @param recoverable exceptions that the function names as worth a retry
     * @param unrecoverable exceptions that it names as beyond cure; the nearest superclass in both lists decides
     */
    public Recoverability classify(
            Throwable error,
            List<Class<? extends Throwable>> recoverable,
            List<Class<? extends Throwable>> unrecoverable) {
        List<Throwable> chain = ErrorChain.of(error).errors();
        for (Throwable link : chain) {
            Recoverability named = named(link, recoverable, unrecoverable);
            if (named != null) {
                return named;
            }
        }
        for (ErrorClassifier classifier : classifiers) {
            for (Throwable link : chain) {
                Recoverability answer = ask(classifier, link);
                if (answer != null) {
                    return answer;
                }
            }
        }
        return Recoverability.UNKNOWN;
    }

    private static @Nullable Recoverability named(
            Throwable error,
            List<Class<? extends Throwable>> recoverable,
            List<Class<? extends Throwable>> unrecoverable) {
        for (Class<?> type = error.getClass(); type != null; type = type.getSuperclass()) {
            if (recoverable.contains(type)) {
                return Recoverability.RECOVERABLE;
            }
            if (unrecoverable.contains(type)) {
                return Recoverability.UNRECOVERABLE;
            }
        }
        return null;
    }

    private @Nullable Recoverability ask(ErrorClassifier classifier, Throwable error) {
        try {
            return classifier.classify(error);
        } catch (Throwable failed) {
            warnings.accept(error.getClass().getName() + " counts as UNKNOWN: "
                    + classifier.getClass().getName() + " threw "
                    + failed.getClass().getName());
            return Recoverability.UNKNOWN;
        }
    }
}

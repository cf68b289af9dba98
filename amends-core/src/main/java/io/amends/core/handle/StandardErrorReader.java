package io.amends.core.handle;

import io.amends.api.ErrorClassifier;
import io.amends.api.EventEnvelope;
import io.amends.api.Recoverability;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.failure.BindingErrorReader;
import io.amends.core.failure.ErrorCapture;
import io.amends.core.failure.ErrorClassification;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.Redactor;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads exceptions by what the application and its functions say of them, and by what the JDK's say themselves. */
public final class StandardErrorReader implements ErrorReader {
    private static final Logger LOG = LoggerFactory.getLogger(StandardErrorReader.class);

    private final ErrorCapture capture;
    private final ErrorClassification classification;

    /**
     * Creates it.
     *
     * @param redactor removes secrets
     * @param bindings read violated constraints
     * @param classifiers the application's, in the order in which they are asked
     */
    public StandardErrorReader(
            Redactor redactor, List<BindingErrorReader> bindings, List<ErrorClassifier> classifiers) {
        capture = new ErrorCapture(redactor, bindings, LOG::warn);
        classification = new ErrorClassification(classifiers, LOG::warn);
    }

    @Override
    public ErrorDetails details(EventEnvelope event, Throwable error) {
        return capture.of(event).details(error);
    }

    @Override
    public Recoverability recoverability(FunctionDefinition function, Throwable error) {
        return classification.classify(
                error, function.rules().recoverable(), function.rules().unrecoverable());
    }

    @Override
    public Fingerprint fingerprint(
            EventEnvelope event, String processor, FunctionDefinition function, Throwable error) {
        Fingerprint cause = Fingerprint.of(processor, error, function.packages());
        return new Fingerprint(cause.value(), capture.of(event).lines(cause.inputs()));
    }
}

package io.amends.simulation;

import io.amends.api.EventEnvelope;
import io.amends.api.Recoverability;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.Fingerprint;
import io.amends.core.handle.ErrorReader;
import java.util.List;

/** Keeps class and message of an error. */
final class PlainErrors implements ErrorReader {
    /** An error that no retry can cure. */
    static final class Hopeless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Hopeless(String message) {
            super(message, null, false, false);
        }
    }

    /** An error that a retry may cure. */
    static final class Trouble extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Trouble(String message) {
            super(message, null, false, false);
        }
    }

    @Override
    public ErrorDetails details(EventEnvelope event, Throwable error) {
        return new ErrorDetails(
                error.getClass().getSimpleName(), String.valueOf(error.getMessage()), List.of(), List.of(), "");
    }

    @Override
    public Recoverability recoverability(FunctionDefinition function, Throwable error) {
        return error instanceof Hopeless ? Recoverability.UNRECOVERABLE : Recoverability.UNKNOWN;
    }

    @Override
    public Fingerprint fingerprint(
            EventEnvelope event, String processor, FunctionDefinition function, Throwable error) {
        String cause =
                processor + "/" + function.name() + "/" + error.getClass().getSimpleName();
        return new Fingerprint(cause, List.of(cause));
    }
}

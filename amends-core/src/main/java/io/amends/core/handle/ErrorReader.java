package io.amends.core.handle;

import io.amends.api.EventEnvelope;
import io.amends.api.Recoverability;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.Fingerprint;

/** Reads what is kept of an exception. Thread-safe; never throws, whatever the exception does. */
public interface ErrorReader {

    /** The bounded and redacted details of what failed with this event. */
    ErrorDetails details(EventEnvelope event, Throwable error);

    /** Whether a retry of the function is worth it. */
    Recoverability recoverability(FunctionDefinition function, Throwable error);

    /** Groups failures of one cause; what it was made of is bounded and redacted. */
    Fingerprint fingerprint(EventEnvelope event, String processor, FunctionDefinition function, Throwable error);
}

package io.amends.core.handle;

import io.amends.core.causality.TimeInWords;
import io.amends.core.store.TimedOut;
import java.io.Serial;

/** What an event waited for was not done in time. */
public final class WaitTimeoutException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    WaitTimeoutException(TimedOut timedOut) {
        super("waited " + TimeInWords.of(timedOut.lasted()) + " for " + timedOut.what(), null, false, false);
    }
}

package io.amends.core.handle;

import io.amends.core.causality.WaitRequest;
import java.io.Serial;

/** Rolls a run back whose event is too early by a declaration; no failure, so without a stack trace. */
final class TooEarlyException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient WaitRequest request;

    TooEarlyException(WaitRequest request) {
        super("waits for " + request.what().text(), null, false, false);
        this.request = request;
    }

    /** What it waits for. */
    WaitRequest request() {
        return request;
    }
}

package io.amends.core.event;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when a payload can not be encoded or decoded; the event becomes a failed execution, or is refused at publish. */
public final class CodecException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it with what was wrong. */
    public CodecException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

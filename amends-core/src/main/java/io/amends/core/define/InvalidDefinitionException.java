package io.amends.core.define;

import java.io.Serial;
import java.util.List;

/** Thrown at start-up with all mistakes of all processors at once; nothing was started or registered. */
public final class InvalidDefinitionException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The mistakes. */
    private final transient List<String> mistakes;

    /** Creates it with the mistakes, each naming the value, what was expected and the fix. */
    public InvalidDefinitionException(List<String> mistakes) {
        super(mistakes.size() + (mistakes.size() == 1 ? " mistake" : " mistakes") + " in event processors:\n  - "
                + String.join("\n  - ", mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** The mistakes, one each. */
    public List<String> mistakes() {
        return mistakes;
    }
}

package io.amends.examples.loyalty.web;

import io.amends.examples.loyalty.event.Contract;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the values of a request one after the other, to name all mistakes at once. */
public final class Checks {
    private final List<String> mistakes = new ArrayList<>();

    /** The id of a user or an order. */
    public String id(String name, @Nullable String value) {
        return of(name, value, Contract.isId(value), Contract.ID) ? String.valueOf(value) : "";
    }

    /** A name or a region. */
    public String name(String name, @Nullable String value) {
        return of(name, value, Contract.isName(value), "1 to 100 characters, no control characters")
                ? String.valueOf(value)
                : "";
    }

    /** The amount of an order. */
    public BigDecimal amount(String name, @Nullable BigDecimal value) {
        boolean holds = Contract.isAmount(value);
        of(name, value, holds, "above 0, at most " + Contract.MAX_AMOUNT + ", at most two decimals");
        return value == null || !holds ? BigDecimal.ONE : value;
    }

    /** A whole number. */
    public int number(String name, int value, int least, int most) {
        of(name, value, value >= least && value <= most, least + ".." + most);
        return value;
    }

    /** Anything else; false if it does not hold. */
    public boolean of(String name, @Nullable Object value, boolean holds, String expected) {
        if (!holds) {
            mistakes.add(name + ": " + Contract.shown(value) + " (expected: " + expected + ")");
        }
        return holds;
    }

    /** Ends the request if there was a mistake. */
    public void done() {
        if (!mistakes.isEmpty()) {
            throw Problems.invalid(mistakes);
        }
    }
}

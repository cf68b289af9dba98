package io.amends.core.handle;

import io.amends.api.Attempt;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * A function and the events it is called with: one, or several for a batch function.
 *
 * @param function the function
 * @param events the events in order
 * @param attempt which attempt it is, as a whole run makes it for the first time
 */
record Call(FunctionDefinition function, List<HandledEvent> events, Attempt attempt) {

    /** A call with one event. */
    static Call of(FunctionDefinition function, HandledEvent event, Attempt attempt) {
        return new Call(function, new ArrayList<>(List.of(event)), attempt);
    }

    /** Adds a call to those of one transaction: a batch function is called once for events that follow each other. */
    static void add(List<Call> calls, Call next) {
        Call last = calls.isEmpty() ? null : calls.getLast();
        if (last != null
                && next.function().batch()
                && last.function().name().equals(next.function().name())
                && last.attempt().equals(next.attempt())) {
            last.events().addAll(next.events());
        } else {
            calls.add(next);
        }
    }
}

package io.amends.spring.cloudevents;

import io.amends.api.EventEnvelope;
import java.util.List;

/**
 * What a request contained.
 *
 * @param events the events, empty if there is any mistake
 * @param mistakes every mistake, with its place
 * @param tooLarge whether a mistake is one of size
 */
record ReadEvents(List<EventEnvelope> events, List<String> mistakes, boolean tooLarge) {

    static ReadEvents wrong(List<String> mistakes) {
        return new ReadEvents(List.of(), mistakes, false);
    }

    static ReadEvents tooLarge(String mistake) {
        return new ReadEvents(List.of(), List.of(mistake), true);
    }
}

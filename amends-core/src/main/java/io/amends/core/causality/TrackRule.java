package io.amends.core.causality;

import java.util.List;

/**
 * A declaration that others may wait for a function's events: when one is done, the entity that its key names has
 * version 1 of the stream.
 *
 * @param stream the stream, see {@link #streamOf}
 * @param keyPaths payload paths whose values, together, identify an event; empty for the event's own key
 */
public record TrackRule(String stream, List<String> keyPaths) {
    /** The path of a {@link #byEventId} rule: no payload has it. */
    private static final String EVENT_ID = "event id";

    /** Copies the list. */
    public TrackRule {
        keyPaths = List.copyOf(keyPaths);
    }

    /** The declaration for events of a type that these paths identify. */
    public static TrackRule of(String eventType, List<String> keyPaths) {
        return new TrackRule(streamOf(eventType, keyPaths), keyPaths);
    }

    /** The declaration for events of a type that others know as their causes. */
    public static TrackRule byEventId(String eventType) {
        return new TrackRule(causeStream(eventType), List.of(EVENT_ID));
    }

    /** The stream of events of a type by their ids. */
    static String causeStream(String eventType) {
        return streamOf(eventType, List.of(EVENT_ID));
    }

    /** Whether the key is the event's id. */
    public boolean isByEventId() {
        return keyPaths.equals(List.of(EVENT_ID));
    }

    /** The stream of events of a type that these paths identify: no name of a declared stream has a space. */
    public static String streamOf(String eventType, List<String> keyPaths) {
        return eventType + " by " + (keyPaths.isEmpty() ? "key" : String.join(",", keyPaths));
    }

    /** Whether a stream is one of these, and not a declared one. */
    static boolean isTracked(String stream) {
        return stream.indexOf(' ') >= 0;
    }
}

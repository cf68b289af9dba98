package io.amends.testkit.disorder;

import io.amends.api.EventEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * An event of a test.
 *
 * @param envelope as the handler gets it
 * @param shown what a person knows it by: the payload object, or the envelope
 * @param source the source whose order per key is kept, or null for no guarantee
 */
record TestEvent(
        EventEnvelope envelope, Object shown, @Nullable String source) {

    /** Whether this one, which happened earlier, is also delivered before the other one. */
    boolean isAlwaysBefore(TestEvent later) {
        return source != null && source.equals(later.source) && keyOf(envelope).equals(keyOf(later.envelope));
    }

    private static String keyOf(EventEnvelope envelope) {
        String key = envelope.key();
        return key == null ? "" : key;
    }
}

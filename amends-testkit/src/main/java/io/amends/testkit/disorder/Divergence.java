package io.amends.testkit.disorder;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The smallest history that was found to give another result than the order in which the events happened: the fewest
 * events, then the fewest pairs that are the wrong way round.
 *
 * @param events its events as the test gave them, in the order in which they happened
 * @param inOrder the deliveries in that order
 * @param inDisorder the deliveries that end elsewhere
 * @param expected the state in order
 * @param reached the state in disorder
 * @param stuck events that never succeeded, from 0 in {@code events}
 * @param cause why, as far as it can be told
 * @param advice what would make it good, in words
 */
public record Divergence(
        List<Object> events,
        List<Delivered> inOrder,
        List<Delivered> inDisorder,
        @Nullable Object expected,
        @Nullable Object reached,
        List<Integer> stuck,
        Cause cause,
        String advice) {

    /** Copies the lists. */
    public Divergence {
        events = List.copyOf(events);
        inOrder = List.copyOf(inOrder);
        inDisorder = List.copyOf(inDisorder);
        stuck = List.copyOf(stuck);
    }

    /** The events in the order of their deliveries in disorder, retries included, from 0 in {@code events}. */
    public List<Integer> order() {
        return inDisorder.stream().map(Delivered::event).toList();
    }
}

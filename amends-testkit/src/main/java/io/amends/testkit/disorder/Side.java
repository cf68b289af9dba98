package io.amends.testkit.disorder;

import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.handle.Waits;
import io.amends.core.lane.LaneKey;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One processor in one history: its instances on both nodes, and what is done of its streams. */
final class Side {
    private final int number;
    private final List<ProcessorDefinition> byNode;
    private final Waits waits;
    /** Only what has committed is here. */
    private final SortedMap<StreamKey, StreamVersion> done = new TreeMap<>();

    Side(int number, ProcessorDefinition first, ProcessorDefinition other) {
        this.number = number;
        byNode = List.of(first, other);
        waits = new Waits(first);
    }

    /** Which of the processors it is, from 0. */
    int number() {
        return number;
    }

    String name() {
        return definition().name();
    }

    Waits waits() {
        return waits;
    }

    /** Whether all that comes stands still behind a failed execution. */
    boolean stops() {
        return definition().onFailure() == OnFailure.STOP;
    }

    private ProcessorDefinition definition() {
        return byNode.get(0);
    }

    /** The function for an event on a node; null if the processor does not take it. */
    @Nullable FunctionDefinition function(EventEnvelope event, int node) {
        if (definition().functionFor(event.type()) == null) {
            return null;
        }
        FunctionDefinition function = byNode.get(node).functionFor(event.type());
        if (function == null) {
            throw new IllegalStateException(
                    "the factory gives another processor than at first: no function for " + event.type());
        }
        return function;
    }

    /**
     * The key of an event's lane, null if it stands for itself.
     *
     * @throws IllegalArgumentException if it lacks what its processor's key is made of
     */
    @Nullable String laneOf(TestEvent event, EventCodec codec) {
        LaneKey place = LaneKey.of(definition(), event.envelope(), codec);
        if (place.mistake() != null) {
            throw new IllegalArgumentException(event.shown() + ": " + place.mistake());
        }
        return place.lane();
    }

    /** How far an entity's stream is, null if nothing was done of it. */
    @Nullable StreamVersion version(StreamKey entity) {
        return done.get(entity);
    }

    boolean isDone(WaitFor.Version needed) {
        return needed.isSatisfiedBy(done.get(needed.entity()));
    }

    /** Moves streams forward; what is not newer leaves them as they are. */
    void move(Collection<Advance> advances) {
        for (Advance advance : advances) {
            done.merge(advance.entity(), advance.version(), (old, now) -> now.compareTo(old) > 0 ? now : old);
        }
    }
}

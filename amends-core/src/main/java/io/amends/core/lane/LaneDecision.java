package io.amends.core.lane;

import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.failure.FailureReason;
import java.util.Set;
import java.util.function.Predicate;

/** What happens to an event that is next in its slot. */
public sealed interface LaneDecision {

    /**
     * Run the function.
     *
     * @param function the function
     */
    record Handle(FunctionDefinition function) implements LaneDecision {}

    /**
     * Keep it behind its lane.
     *
     * @param lane the lane's key
     */
    record Park(String lane) implements LaneDecision {}

    /** Go by: no build has registered its type. */
    record Pass() implements LaneDecision {}

    /** Give the slot to a node whose build has a function for its type. */
    record HandOver() implements LaneDecision {}

    /**
     * Record a failure without running anything.
     *
     * @param reason why
     * @param message what was found and expected
     */
    record Fail(FailureReason reason, String message) implements LaneDecision {}

    /**
     * Decides; a pure function.
     *
     * @param key where the event belongs
     * @param eventType its type
     * @param registered event types that some build has registered for the processor
     * @param isHeld whether a lane may be held
     * @param othersHave whether another live node has a function for the type
     */
    static LaneDecision decide(
            ProcessorDefinition processor,
            LaneKey key,
            String eventType,
            Set<String> registered,
            Predicate<String> isHeld,
            boolean othersHave) {
        FunctionDefinition function = processor.functionFor(eventType);
        if (function == null && !registered.contains(eventType)) {
            return new Pass();
        }
        if (function == null && othersHave) {
            return new HandOver();
        }
        String lane = key.lane();
        if (lane != null && isHeld.test(lane)) {
            return new Park(lane);
        }
        if (key.mistake() != null) {
            return new Fail(FailureReason.NO_KEY, key.mistake());
        }
        if (function == null) {
            return new Fail(
                    FailureReason.NO_FUNCTION,
                    "no live build has a function for " + eventType + " in processor " + processor.name()
                            + "; deploy one that has, name it in drops, or skip this record");
        }
        return new Handle(function);
    }
}

package io.amends.core.define;

import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import io.amends.api.RetryPolicy;
import io.amends.core.causality.Causality;
import java.util.List;

/**
 * A function of a processor.
 *
 * @param name its stable name within the processor, at most 200 characters
 * @param eventTypes the event types that it takes
 * @param handler its code
 * @param batch whether it takes several events at once
 * @param effects where its effects go
 * @param policy how its failures are retried
 * @param rules which exceptions its {@code @Retry} names
 * @param causality what it declares about order
 * @param packages prefixes of the frames that count as its own in a stack trace
 * @param sources where the values of its policy come from
 */
public record FunctionDefinition(
        String name,
        List<String> eventTypes,
        HandlerFunction handler,
        boolean batch,
        Effects effects,
        RetryPolicy policy,
        ErrorRules rules,
        Causality causality,
        List<String> packages,
        PolicySources sources) {

    /** Copies the lists. */
    public FunctionDefinition {
        eventTypes = List.copyOf(eventTypes);
        packages = List.copyOf(packages);
    }

    /** A function whose policy is as by default. */
    public FunctionDefinition(
            String name,
            List<String> eventTypes,
            HandlerFunction handler,
            boolean batch,
            Effects effects,
            RetryPolicy policy,
            ErrorRules rules,
            Causality causality,
            List<String> packages) {
        this(name, eventTypes, handler, batch, effects, policy, rules, causality, packages, PolicySources.DEFAULT);
    }

    /** A function that declares nothing about order. */
    public FunctionDefinition(
            String name,
            List<String> eventTypes,
            HandlerFunction handler,
            boolean batch,
            Effects effects,
            RetryPolicy policy,
            ErrorRules rules,
            List<String> packages) {
        this(name, eventTypes, handler, batch, effects, policy, rules, Causality.NONE, packages);
    }

    /**
     * Makes of an event what the function takes, before its transaction begins.
     *
     * @throws io.amends.core.event.CodecException if the payload is not what the function takes, or lacks what it declares
     */
    public HandledEvent read(EventEnvelope event) {
        return new HandledEvent(event, handler.decode(event), causality.advances(event), causality.requirements(event));
    }
}

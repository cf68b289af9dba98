package io.amends.core.handle;

import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.api.Wait;
import io.amends.api.WaitCondition;
import io.amends.core.causality.Causality;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.TrackRule;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.StoredEvent;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.NewWait;
import io.amends.core.store.SlotId;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads from what a function threw whether its event is too early, and what for. Immutable. */
public final class Waits {
    private static final int MAX_CAUSES = 16;

    private final ProcessorDefinition processor;

    /** Reads for the functions of a processor. */
    public Waits(ProcessorDefinition processor) {
        this.processor = processor;
    }

    /** What the event that was handled waits for; null if the error is a failure. */
    public @Nullable WaitRequest requestOf(FunctionDefinition function, EventEnvelope event, Throwable error) {
        Throwable cause = error;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            if (cause instanceof TooEarlyException tooEarly) {
                return tooEarly.request();
            }
            if (cause instanceof Wait wait) {
                return new WaitRequest(what(wait.condition(), event), wait.timeout(), wait.onTimeout());
            }
        }
        return function.rules().saysTooEarly(error) ? requestOf(function, event, Wait.forNext()) : null;
    }

    /** In what time a wait has to be looked at, at the latest. */
    static Duration endsIn(WaitRequest request) {
        Duration time = switch (request.what()) {
            case WaitFor.Version version -> request.timeout();
            case WaitFor.Elapsed elapsed -> elapsed.duration();
            case WaitFor.Next next -> Duration.ZERO; // there are pauses between its tries
        };
        return time.compareTo(request.timeout()) < 0 ? time : request.timeout();
    }

    private WaitFor what(WaitCondition condition, EventEnvelope event) {
        return switch (condition) {
            case WaitCondition.Next next -> new WaitFor.Next();
            case WaitCondition.Elapsed elapsed -> new WaitFor.Elapsed(elapsed.duration());
            case WaitCondition.Handled handled -> {
                StreamKey entity = Causality.entity(streamOf(handled), Causality.joined(handled.key()), event);
                yield new WaitFor.Version(processor.name(), entity, new StreamVersion(0, 1), false);
            }
            case WaitCondition.Version version ->
                new WaitFor.Version(
                        processor.name(),
                        Causality.entity(version.stream(), version.key(), event),
                        new StreamVersion(version.epoch(), version.version()),
                        false);
        };
    }

    /** The stream of the tracked paths that have as many values as the wait; one that nobody moves if there are none. */
    private String streamOf(WaitCondition.Handled handled) {
        FunctionDefinition function = processor.functionFor(handled.eventType());
        if (function != null) {
            for (TrackRule rule : function.causality().tracks()) {
                if (!rule.isByEventId()
                        && Math.max(1, rule.keyPaths().size()) == handled.key().size()
                        && rule.stream().startsWith(handled.eventType() + " by ")) {
                    return rule.stream();
                }
            }
        }
        return TrackRule.streamOf(handled.eventType(), handled.key());
    }

    /** The wait of an event, in a lane of its own if it has none. */
    NewWait newWait(
            SlotId slot, @Nullable String lane, StoredEvent event, WaitRequest request, FunctionDefinition function) {
        String nextKey = null;
        if (request.what() instanceof WaitFor.Next) {
            boolean ofItsKey = lane != null && !LaneKey.isPrivate(lane) && processor.onFailure() != OnFailure.STOP;
            nextKey = ofItsKey ? lane : event.event().key();
        }
        return new NewWait(
                slot,
                lane == null ? LaneKey.privateLane(event.position()) : lane,
                event,
                request,
                nextKey,
                function.causality().provides(event.event()));
    }

    /** Whether the processor would know that it is done: declarations were checked at start-up, waits in code were not. */
    public boolean isTracked(WaitRequest request) {
        if (!(request.what() instanceof WaitFor.Version version)
                || !version.processor().equals(processor.name())) {
            return true;
        }
        return tracked().contains(version.entity().stream());
    }

    /** The error of a wait that would never end. */
    IllegalStateException untracked(WaitRequest request) {
        Set<String> tracked = tracked();
        return new IllegalStateException(
                "waits for " + request.what().text() + ", which is not tracked (expected: one of "
                        + (tracked.isEmpty() ? "none that is declared" : String.join(", ", tracked))
                        + "); declare tracks on the @OnEvent of that event, or @SkipStale or @Advances for the stream");
    }

    private Set<String> tracked() {
        Set<String> streams = new TreeSet<>();
        for (FunctionDefinition function : processor.functions()) {
            function.causality().rules().forEach(rule -> streams.add(rule.stream()));
            function.causality().tracks().forEach(rule -> streams.add(rule.stream()));
        }
        return streams;
    }
}

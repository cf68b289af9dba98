package io.amends.simulation;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.OutgoingEvent;
import io.amends.api.Wait;
import io.amends.core.define.HandledEvent;
import io.amends.core.define.HandlerFunction;
import io.amends.core.event.CodecException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A function that behaves as the script says, and writes its effect in the transaction. */
final class ScriptedHandler implements HandlerFunction {
    private final World world;
    private final SimNode node;
    private final Plan.ProcessorPlan plan;

    ScriptedHandler(World world, SimNode node, Plan.ProcessorPlan plan) {
        this.world = world;
        this.node = node;
        this.plan = plan;
    }

    @Override
    public Object decode(EventEnvelope event) {
        String text = new String(event.data(), StandardCharsets.UTF_8);
        if (text.contains("garbled") && !world.script.isRepaired(event)) {
            throw new CodecException("garbled: " + event.id(), null);
        }
        return text;
    }

    @Override
    public Object invoke(List<HandledEvent> events, Attempt attempt) throws Throwable {
        List<OutgoingEvent> followUps = new ArrayList<>();
        for (HandledEvent handled : events) {
            EventEnvelope event = handled.event();
            node.requireAlive();
            Script.Part part = world.script.next(plan.name(), event);
            world.runs(plan.name(), event, attempt.number());
            node.trace("runs " + plan.name() + "/" + event.id() + " attempt " + attempt.number() + "."
                    + attempt.immediate() + (part.kind() == Script.Kind.FINE ? "" : " " + part));
            world.count("handler " + part.kind());
            takeTime(event);
            act(part);
            if (Thread.currentThread().isInterrupted()) {
                node.trace("goes on with an interrupt pending");
            }
            world.effect(
                    new Ledger.Effect(plan.name(), Ledger.identity(event), event.key(), attempt.number(), node.name()));
            if (plan.streams() == Plan.Streams.SKIP_STALE) {
                handled.advances().forEach(advance -> world.synchronizes(plan.name(), advance));
            }
            if (part.kind() == Script.Kind.FINE && world.script.hasFollowUp(plan.name(), event)) {
                followUps.add(new OutgoingEvent(
                        "n=f;user=u1;entity=e0;version=15",
                        "a",
                        null,
                        null,
                        event.key(),
                        null,
                        null,
                        null,
                        java.util.Map.of()));
            }
        }
        HandlerContext.current().returned += followUps.size();
        return followUps.isEmpty() ? null : followUps;
    }

    private void takeTime(EventEnvelope event) throws InterruptedException {
        if (world.plan.handling().isZero()) {
            return;
        }
        String lane = plan.name() + "/" + event.key();
        world.beginsTurn(lane, event);
        try {
            node.conductor().pause(world.plan.handling());
        } finally {
            world.endsTurn(lane);
        }
    }

    private void act(Script.Part part) throws Exception {
        switch (part.kind()) {
            case FINE -> {}
            case FAILS -> throw new PlainErrors.Trouble("on purpose");
            case EARLY ->
                throw part.time().isZero()
                        ? Wait.forNext().timeout(Duration.ofSeconds(20))
                        : Wait.forDuration(part.time());
            case HOPELESS -> throw new PlainErrors.Hopeless("on purpose");
            case CONFLICTS -> throw new SQLException("serialization failure on purpose", "40001");
            case SLOW -> node.conductor().pause(part.time());
            case SLOW_FAILS -> {
                node.conductor().pause(part.time());
                throw new PlainErrors.Trouble("slowly, on purpose");
            }
            case HANGS -> node.conductor().pause(Duration.ofMinutes(10));
            case DEAF -> node.conductor().pauseUninterruptibly(part.time());
            case KILLS -> node.crash("by its handler");
        }
    }
}

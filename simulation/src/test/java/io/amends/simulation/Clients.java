package io.amends.simulation;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.OnTimeout;
import io.amends.api.OutgoingEvent;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.operate.Operations;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.StoreUnavailableException;
import io.amends.core.store.WaitingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Those who use the nodes: publishers, senders at the door, and operators. */
final class Clients {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final World world;
    private final Plan plan;
    private final Chance chance;
    private int published;
    private int numbers;
    private int tangledNumbers;
    private boolean calm;

    /** Thrown to roll a publisher's transaction back. */
    private static final class RollBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RollBack() {
            super("rolled back on purpose", null, false, false);
        }
    }

    Clients(World world, Chance chance) {
        this.world = world;
        this.plan = world.plan;
        this.chance = chance;
    }

    void start() {
        publishLater();
        world.every(SECOND, this::operate);
    }

    /** No new events; operators deal with what is left. */
    void calmDown() {
        calm = true;
        while (plan.shape() == Plan.Shape.TANGLED && published < plan.events()) {
            publish(chance.pick(world.up())); // what others may wait for
        }
        published = plan.events();
        world.every(SECOND, this::cleanUp);
    }

    // ---- publishers -----------------------------------------------------------------------------------------------

    private void publishLater() {
        if (published >= plan.events()) {
            return;
        }
        // bursts and gaps, all within the first three quarters
        int mean = (int) (plan.length().toMillis() * 3 / 4 / plan.events());
        Duration pause = chance.hit(0.4) ? Duration.ZERO : chance.millis(0, 4 * mean);
        world.outside().after(pause, () -> {
            List<SimNode> up = world.up();
            if (!up.isEmpty()) {
                publish(chance.pick(up));
            }
            publishLater();
        });
    }

    private void publish(SimNode node) {
        int count = chance.pick(1, 1, 1, 2, 3);
        List<OutgoingEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(event());
        }
        published += count;
        if (chance.hit(0.15)) {
            sendToDoor(node, events.stream().map(this::asForeign).toList(), 3);
        } else {
            inTransaction(node, events, chance.hit(plan.load().rollback()), chance.millis(0, 30), 3);
        }
    }

    private void inTransaction(SimNode node, List<OutgoingEvent> events, boolean rollBack, Duration thinks, int tries) {
        boolean repeatable = events.stream().allMatch(e -> e.id() != null);
        node.run("publisher", () -> {
            boolean again = false;
            try {
                node.store().caller().inNew(() -> {
                    events.forEach(e -> node.engine().publisher().publish(e));
                    node.conductor().pauseUninterruptibly(thinks);
                    if (rollBack) {
                        throw new RollBack();
                    }
                });
                again = chance.hit(0.2);
            } catch (RollBack e) {
                node.trace("rolls a publisher back");
            } catch (StoreUnavailableException e) {
                again = true;
            }
            if (again && repeatable && tries > 0) {
                world.outside().after(chance.millis(0, 2000), () -> repeat(events, tries - 1));
            }
        });
    }

    private void repeat(List<OutgoingEvent> events, int tries) {
        List<SimNode> up = world.up();
        if (!up.isEmpty()) {
            inTransaction(chance.pick(up), events, false, Duration.ZERO, tries);
        }
    }

    private void sendToDoor(SimNode node, List<EventEnvelope> events, int tries) {
        node.run("door", () -> {
            boolean again;
            try {
                node.store().append(events, "http");
                again = chance.hit(0.2);
            } catch (StoreUnavailableException e) {
                again = true;
            }
            if (again && tries > 0) {
                List<EventEnvelope> next =
                        chance.hit(0.1) ? events.stream().map(this::changed).toList() : events;
                world.outside().after(chance.millis(0, 2000), () -> {
                    List<SimNode> up = world.up();
                    if (!up.isEmpty()) {
                        sendToDoor(chance.pick(up), next, tries - 1);
                    }
                });
            }
        });
    }

    private OutgoingEvent event() {
        if (plan.shape() == Plan.Shape.TANGLED) {
            return tangled(++tangledNumbers);
        }
        int number = ++numbers;
        boolean isNew = chance.hit(plan.load().newType());
        String type = isNew ? Plan.NEW_TYPE : chance.pick(Plan.OLD_TYPES);
        String payload = "n=" + number
                + (chance.hit(plan.load().keyless()) ? "" : ";user=u" + chance.below(3))
                + ";entity=e" + chance.below(4) + ";version=" + chance.below(30)
                // an event of before or after it, of whatever type, or one that never comes
                + (chance.hit(0.6) ? ";after=" + Math.max(0, number + chance.between(-2, 3)) : "")
                + (chance.hit(0.1) ? ";epoch=" + chance.below(3) : "")
                + (chance.hit(plan.load().undecodable()) ? ";garbled" : "");
        String key = chance.hit(plan.load().keyless()) ? null : "k" + chance.below(4);
        String id = chance.hit(plan.load().givenId()) ? "g" + number : null;
        return new OutgoingEvent(payload, type, id, null, key, null, null, null, Map.of());
    }

    private OutgoingEvent tangled(int number) {
        boolean waits = number % 2 == 1;
        int after = 2 * Math.min(Math.max(1, number / 2 + chance.between(-2, 3)), plan.events() / 2);
        String payload = "n=" + number + ";user=u1;entity=e0;version=1" + (waits ? ";after=" + after : "");
        return new OutgoingEvent(
                payload, waits ? "b" : "a", null, null, "k" + chance.below(2), null, null, null, Map.of());
    }

    private EventEnvelope asForeign(OutgoingEvent event) {
        return new EventEnvelope(
                "x" + ++numbers,
                "elsewhere",
                String.valueOf(event.type()),
                null,
                null,
                "text/plain",
                event.payload().toString().getBytes(StandardCharsets.UTF_8),
                event.key(),
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);
    }

    private EventEnvelope changed(EventEnvelope event) {
        return new EventEnvelope(
                event.id(),
                event.source(),
                event.type(),
                null,
                null,
                "text/plain",
                (new String(event.data(), StandardCharsets.UTF_8) + ";other").getBytes(StandardCharsets.UTF_8),
                event.key(),
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);
    }

    // ---- operators ------------------------------------------------------------------------------------------------

    private void operate() {
        if (calm || !chance.hit(plan.load().actsPerSecond())) {
            return;
        }
        List<SimNode> up = world.up();
        if (up.isEmpty()) {
            return;
        }
        SimNode node = chance.pick(up);
        node.run("operator", () -> {
            try {
                act(node.engine().operations());
            } catch (StoreUnavailableException e) {
                node.trace("an operator sees an error");
            }
        });
    }

    private void act(Operations operations) {
        if (chance.hit(0.15)) {
            String processor = chance.pick(plan.processors()).name();
            operations.pause(processor, "op", "trial");
            world.outside().after(chance.millis(500, 8000), () -> resume(processor));
            return;
        }
        if (chance.hit(0.15) && endWait(operations)) {
            return;
        }
        if (plan.load().lanePauses() > 0 && chance.hit(plan.load().lanePauses())) {
            if (chance.hit(0.3)) {
                overridePolicy(operations);
            } else {
                pauseLane(operations);
            }
            return;
        }
        List<FailedExecution> all = operations.failures(FailureFilter.ALL, null, 100);
        if (all.isEmpty()) {
            return;
        }
        FailedExecution record = chance.pick(all);
        if (chance.hit(0.5)) {
            world.script.repair(record.event());
        }
        switch (chance.below(7)) {
            case 0 -> operations.prepare(record.id(), "op", null);
            case 1 -> operations.forcePrepare(record.id(), "op", "trial");
            case 2 ->
                operations.skip(
                        record.id(), "op", "trial", chance.pick(OnTimeout.PROCEED, OnTimeout.FAIL, OnTimeout.SKIP));
            case 3 ->
                operations.applyRetrySpec(
                        record.id(),
                        new RetryPolicy(
                                true,
                                chance.between(0, 6),
                                chance.millis(0, 2000),
                                Duration.ofSeconds(chance.between(2, 6)),
                                Duration.ZERO,
                                0),
                        "op",
                        "trial");
            case 4 ->
                operations.markRecoverable(
                        record.id(),
                        chance.pick(Recoverability.RECOVERABLE, Recoverability.UNRECOVERABLE, Recoverability.UNKNOWN),
                        "op",
                        null);
            case 5 -> operations.redirect(record.id(), "on_" + record.event().type(), "op", "trial");
            default -> operations.prepare(record.id(), "op", null);
        }
    }

    /** Ends a wait before its time, or in the moment in which it is over; false if nothing waits. */
    private boolean endWait(Operations operations) {
        List<WaitingEvent> waits = operations.waits(null, 0, 100).stream()
                .filter(wait -> wait.failure() == null)
                .toList();
        if (waits.isEmpty()) {
            return false;
        }
        WaitingEvent wait = chance.pick(waits);
        operations.endWait(wait.processor(), wait.position(), chance.pick(OnTimeout.values()), "op", "trial");
        return true;
    }

    private void overridePolicy(Operations operations) {
        String processor = chance.pick(plan.processors()).name();
        String function = "on_" + chance.pick(Plan.OLD_TYPES);
        if (chance.hit(0.3)) {
            operations.removeOverride(processor, function, "op", "trial");
            return;
        }
        operations.overridePolicy(new PolicyOverride.Draft(
                processor,
                function,
                new RetryPolicyChange(
                        null,
                        chance.between(0, 6),
                        chance.millis(0, 2000),
                        Duration.ofSeconds(chance.between(2, 6)),
                        null,
                        null),
                "op",
                "trial",
                chance.hit(0.5) ? chance.millis(500, 8000) : null,
                null));
    }

    /** One that holds something, or one that holds nothing yet. */
    private void pauseLane(Operations operations) {
        String processor = chance.pick(plan.processors()).name();
        List<String> held = world.ledger.heldLanes(processor);
        String lane = held.isEmpty() || chance.hit(0.5)
                ? chance.pick("k0", "k1", "k2", "k3", "u0", "u1", "slot 0", "slot 1")
                : chance.pick(held);
        LaneCommand command = new LaneCommand(processor, lane, "op", "trial", null);
        world.outside().after(chance.millis(500, 8000), () -> resumeLane(command));
        operations.pauseLane(command);
    }

    private void resumeLane(LaneCommand command) {
        List<SimNode> up = world.up();
        if (up.isEmpty()) {
            world.outside().after(SECOND, () -> resumeLane(command));
            return;
        }
        SimNode node = chance.pick(up);
        node.run("operator", () -> {
            try {
                node.engine().operations().resumeLane(command);
            } catch (StoreUnavailableException e) {
                world.outside().after(SECOND, () -> resumeLane(command));
            }
        });
    }

    private void resume(String processor) {
        List<SimNode> up = world.up();
        if (up.isEmpty()) {
            world.outside().after(SECOND, () -> resume(processor));
            return;
        }
        SimNode node = chance.pick(up);
        node.run("operator", () -> {
            try {
                node.engine().operations().resume(processor, "op", null);
            } catch (StoreUnavailableException e) {
                world.outside().after(SECOND, () -> resume(processor));
            }
        });
    }

    private void cleanUp() {
        List<SimNode> up = world.up();
        if (up.isEmpty()) {
            return;
        }
        SimNode node = chance.pick(up);
        for (ProcessorGauge gauge : world.gauges()) {
            if (gauge.paused()) {
                node.run("operator", () -> node.engine().operations().resume(gauge.processor(), "op", "at the end"));
            }
        }
        world.ledger
                .pausedLanes()
                .forEach((processor, lanes) -> lanes.forEach(lane -> node.run(
                        "operator",
                        () -> node.engine()
                                .operations()
                                .resumeLane(new LaneCommand(processor, lane, "op", "at the end", null)))));
        for (FailedExecution record : world.ledger.openRecords()) {
            if (world.onlyOldBuilds() && record.event().type().equals(Plan.NEW_TYPE)) {
                node.run("operator", () -> node.engine().operations().skip(record.id(), "op", "rolled back"));
            } else if (record.dueAt() == null) {
                node.run("operator", () -> {
                    if (chance.hit(0.5)) {
                        node.engine().operations().forcePrepare(record.id(), "op", "at the end");
                    } else {
                        node.engine().operations().skip(record.id(), "op", "at the end");
                    }
                });
            }
        }
    }
}

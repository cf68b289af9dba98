package io.amends.testkit.model;

import io.amends.api.StartFrom;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.TakenSlot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Nodes that come, go and die, and the slots between them. */
final class OwnershipSteps {
    static final String TWO_SLOTS = "points";
    static final List<String> PROCESSORS = List.of(TWO_SLOTS, "mails");
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final int MANY = 1000;
    private static final Duration LEASE = StoreModel.TICK.multipliedBy(3);

    private final Choices choices;

    OwnershipSteps(Choices choices) {
        this.choices = choices;
    }

    Step own() {
        return switch (choices.pick(9)) {
            case 0, 1 -> join();
            case 2, 3, 4 -> takeOver();
            case 5 -> giveBack();
            case 6 -> reclaim();
            case 7 -> {
                String node = choices.anyOf(NODES);
                yield new Step("leave " + node, side -> {
                    side.store().leave(node);
                    return "left";
                });
            }
            default -> heartbeat();
        };
    }

    Step join() {
        String node = choices.anyOf(NODES);
        boolean more = choices.chance(8);
        boolean wrong = choices.chance(5);
        boolean drops = choices.chance(5);
        List<ProcessorRegistration> processors = new ArrayList<>();
        for (String name : PROCESSORS) {
            TreeMap<String, String> functions = new TreeMap<>(Map.of(Choices.PAID, "on-" + Choices.PAID));
            if (more) {
                functions.put(Choices.CANCELLED, "on-" + Choices.CANCELLED);
            }
            processors.add(new ProcessorRegistration(
                    name,
                    wrong ? "order=ALL" : "order=KEY",
                    name.equals(TWO_SLOTS) ? 2 : 1,
                    functions,
                    List.of(),
                    drops ? List.of(Choices.CANCELLED) : List.of(),
                    name.equals(TWO_SLOTS) ? StartFrom.EARLIEST : StartFrom.NOW));
        }
        return new Step(
                "join " + node + (more ? " with more" : "") + (wrong ? " wrongly" : "") + (drops ? " dropping" : ""),
                side -> {
                    side.store().join(new NodeRegistration(node, "b1", "h1", processors), LEASE);
                    return "joined";
                });
    }

    Step takeOver() {
        String node = choices.anyOf(NODES);
        String processor = choices.anyOf(PROCESSORS);
        Set<String> types = choices.chance(70) ? Set.of(Choices.PAID) : Set.of(Choices.PAID, Choices.CANCELLED);
        return new Step("take over " + processor + " by " + node + " with " + types.size(), side -> {
            List<TakenSlot> taken = side.store().takeOver(node, processor, types, MANY).stream()
                    .sorted(Comparator.comparingInt(t -> t.claim().slot().number()))
                    .toList();
            side.learn(taken);
            return taken;
        });
    }

    Step giveBack() {
        int claim = choices.claim();
        String needed = choices.chance(30) ? Choices.CANCELLED : null;
        return new Step("give back " + claim + " needing " + needed, side -> {
            side.store().giveBack(List.of(side.claim(claim)), needed);
            return "given";
        });
    }

    Step reclaim() {
        int claim = choices.claim();
        String node = choices.anyOf(NODES);
        return new Step("reclaim " + claim + " by " + node, side -> {
            Optional<TakenSlot> taken = side.store().reclaim(node, side.claim(claim));
            side.learn(taken.stream().toList());
            return taken;
        });
    }

    Step heartbeat() {
        String node = choices.anyOf(NODES);
        return new Step("heartbeat " + node, side -> side.store().heartbeat(node, LEASE));
    }

    Step advance() {
        Duration duration = StoreModel.TICK.multipliedBy(1 + choices.pick(3));
        List<String> alive = NODES.stream().filter(n -> choices.chance(85)).toList();
        return new Step("advance " + duration + ", alive " + alive, side -> {
            List<Object> answers = new ArrayList<>();
            for (Duration left = duration; left.isPositive(); left = left.minus(StoreModel.TICK)) {
                side.harness().advance(StoreModel.TICK);
                alive.forEach(
                        node -> answers.add(side.store().heartbeat(node, LEASE).member()));
            }
            return answers;
        });
    }
}

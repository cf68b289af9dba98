package io.amends.testkit.memory;

import io.amends.api.StartFrom;
import io.amends.core.store.Claim;
import io.amends.core.store.Membership;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.SlotId;
import io.amends.core.store.TakenSlot;
import io.amends.testkit.memory.Cursors.Cursor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who owns which slot. The caller holds the lock. */
final class Ownership {
    private final State state;

    Ownership(State state) {
        this.state = state;
    }

    void join(NodeRegistration node, Duration lease) {
        state.registrations.validate(node.processors());
        // a node that joins again has forgotten what it owned
        giveBackAllOf(node.id());
        for (ProcessorRegistration processor : node.processors()) {
            Registrations.Outcome outcome =
                    state.registrations.register(processor, state.cursors::leastPosition, this::rename);
            switch (outcome) {
                case NEW ->
                    state.cursors.create(
                            processor.name(),
                            processor.slots(),
                            processor.startFrom() == StartFrom.NOW ? state.log.head() : state.log.logStart() - 1);
                case CHANGED -> state.cursors.raiseFences(processor.name());
                case SAME -> {
                    // owners keep what they have
                }
            }
        }
        state.nodes.register(node, state.now(), state.now().plus(lease));
    }

    private void rename(String from, String to) {
        state.cursors.rename(from, to);
        state.lanes.rename(from, to);
        state.waits.rename(from, to);
        state.streams.rename(from, to);
        state.failures.rename(from, to);
    }

    Membership heartbeat(String nodeId, Duration lease) {
        Instant now = state.now();
        boolean member = state.nodes.extend(nodeId, now, lease);
        return new Membership(
                member,
                state.nodes.live(now),
                state.registrations.states(state.lanes::paused, state.now()),
                member ? state.cursors.claimsOf(nodeId) : List.of());
    }

    List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most) {
        Instant now = state.now();
        List<TakenSlot> taken = new ArrayList<>();
        if (!state.nodes.isLive(nodeId, now)) {
            return taken;
        }
        for (SlotId slot : state.cursors.slotsOf(processor)) {
            Cursor cursor = state.cursors.get(slot);
            if (taken.size() == most
                    || cursor == null
                    || state.nodes.isLive(cursor.owner, now)
                    || (cursor.neededType != null && !types.contains(cursor.neededType))) {
                continue;
            }
            if (cursor.owner != null) {
                suspect(slot, cursor);
            }
            cursor.owner = nodeId;
            cursor.fence++;
            taken.add(new TakenSlot(new Claim(slot, cursor.fence), cursor.position, cursor.suspects));
        }
        return taken;
    }

    Optional<TakenSlot> reclaim(String nodeId, Claim claim) {
        Cursor cursor = state.cursors.get(claim.slot());
        if (cursor == null || cursor.fence != claim.fence() || !nodeId.equals(cursor.owner)) {
            return Optional.empty();
        }
        suspect(claim.slot(), cursor);
        cursor.fence++;
        return Optional.of(new TakenSlot(new Claim(claim.slot(), cursor.fence), cursor.position, cursor.suspects));
    }

    private void suspect(SlotId slot, Cursor cursor) {
        cursor.suspects++;
        state.lanes.countLost(slot);
    }

    void giveBack(Collection<Claim> claims, @Nullable String neededType) {
        for (Claim claim : claims) {
            Cursor cursor = state.cursors.get(claim.slot());
            if (cursor != null && cursor.fence == claim.fence()) {
                cursor.owner = null;
                cursor.neededType = neededType;
            }
        }
    }

    void leave(String nodeId) {
        giveBackAllOf(nodeId);
        state.nodes.remove(nodeId);
    }

    private void giveBackAllOf(String nodeId) {
        state.cursors.each(cursor -> {
            if (nodeId.equals(cursor.owner)) {
                cursor.owner = null;
            }
        });
    }

    int unowned(String processor) {
        Instant now = state.now();
        return (int) state.cursors.slotsOf(processor).stream()
                .map(state.cursors::get)
                .filter(cursor -> cursor == null || !state.nodes.isLive(cursor.owner, now))
                .count();
    }
}

package io.amends.core.read;

import io.amends.core.event.EventCodec;
import io.amends.core.event.StoredEvent;
import io.amends.core.handle.LocalProcessor;
import io.amends.core.handle.SlotEvent;
import io.amends.core.handle.SlotRunner;
import io.amends.core.lane.LaneKey;
import io.amends.core.own.OwnedSlots;
import io.amends.core.step.Conductor;
import io.amends.core.step.Step;
import io.amends.core.store.InboxBatch;
import io.amends.core.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the inbox once for all slots of the node, and fans its events out.
 *
 * <p>Back-pressure without blocking anyone: each step reads from the least position that a slot <em>with room</em> still
 * wants, and offers what it read to every slot with room that is not already past it. A slot whose queue is full is not
 * asked and holds nobody up; when it has room again it is the one that is furthest behind, and its stretch is read once
 * more.
 */
public final class ReaderStep implements Step {
    private static final Logger LOG = LoggerFactory.getLogger(ReaderStep.class);

    private final Store store;
    private final EventCodec codec;
    private final Conductor conductor;
    private final OwnedSlots slots;
    private final int batchSize;
    private final Duration idlePoll;

    /** Creates it. */
    public ReaderStep(
            Store store, EventCodec codec, Conductor conductor, OwnedSlots slots, int batchSize, Duration idlePoll) {
        this.store = store;
        this.codec = codec;
        this.conductor = conductor;
        this.slots = slots;
        this.batchSize = batchSize;
        this.idlePoll = idlePoll;
    }

    /** The slots of a processor that want events, by number. */
    private record Demand(LocalProcessor processor, Set<String> types, Map<Integer, Wanting> bySlot) {}

    /** A slot that wants events. */
    private record Wanting(SlotRunner slot, long fence, List<SlotEvent> offers) {}

    @Override
    public Next run() {
        Map<String, Demand> demands = new TreeMap<>();
        long after = Long.MAX_VALUE;
        for (SlotRunner slot : slots.all()) {
            long fence = slot.claim().fence();
            var wants = slot.wantsAfter();
            if (wants.isEmpty()) {
                continue;
            }
            after = Math.min(after, wants.get());
            demands.computeIfAbsent(
                            slot.processor().definition().name(),
                            name -> new Demand(
                                    slot.processor(), slot.processor().registered(), new TreeMap<>()))
                    .bySlot()
                    .put(slot.claim().slot().number(), new Wanting(slot, fence, new ArrayList<>()));
        }
        if (demands.isEmpty()) {
            return Next.after(idlePoll);
        }
        InboxBatch batch = store.read(after, batchSize);
        if (after < batch.logStart() - 1) {
            LOG.error(
                    "a cursor is at {}, but the log begins at {}: events between are lost to it",
                    after,
                    batch.logStart());
        }
        for (Demand demand : demands.values()) {
            fanOut(batch, demand);
            long from = after;
            demand.bySlot().values().forEach(w -> w.slot().offer(w.fence(), from, w.offers(), batch.upTo()));
        }
        return batch.upTo() < batch.head() ? Next.AGAIN : Next.after(idlePoll);
    }

    private void fanOut(InboxBatch batch, Demand demand) {
        long now = conductor.nanos();
        for (int i = 0; i < batch.events().size(); i++) {
            StoredEvent event = batch.events().get(i);
            String type = event.event().type();
            if (!demand.types().contains(type)
                    && demand.processor().definition().functionFor(type) == null) {
                continue;
            }
            LaneKey key = LaneKey.of(demand.processor().definition(), event.event(), codec);
            Wanting wanting = demand.bySlot().get(key.slot());
            if (wanting != null) {
                wanting.offers()
                        .add(new SlotEvent(event, key, now - batch.ages().get(i).toNanos()));
            }
        }
    }
}

package io.amends.console;

import io.amends.core.flow.FlowNow;
import io.amends.core.store.ProcessorGauge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with the flow, by rules over numbers that are known now. */
final class FlowTroubles {
    /** An event that is in the outbox for longer should have been relayed. */
    static final Duration UNRELAYED = Duration.ofSeconds(10);
    /** A processor with an older event is behind. */
    static final Duration BEHIND = Duration.ofMinutes(5);
    /** Retention runs every ten seconds; what it has not taken for longer piles up. */
    static final Duration OVERDUE = Duration.ofMinutes(10);
    /** What waits is written down every five seconds as long as a node lives. */
    static final Duration UNSAMPLED = Duration.ofMinutes(1);

    private FlowTroubles() {}

    /** What may be wrong, the worst first. */
    enum Code {
        /** No node is alive: nothing is relayed or handled. */
        NO_NODE,
        /** Events wait in the outbox, nodes live, and none has relayed anything for a while. */
        RELAY_STANDS,
        /** Nobody handles a processor's events: no live node owns a slot of it. */
        PROCESSOR_WITHOUT_NODE,
        /** Nobody handles some of a processor's keys: no live node owns these slots. */
        SLOTS_WITHOUT_NODE,
        /** Events are relayed, and those in the outbox are old all the same: more is published than relayed. */
        OUTBOX_OLD,
        /** A processor's oldest event is old. */
        PROCESSOR_BEHIND,
        /** Published events that the inbox did not take are kept in the rejected table. */
        REJECTED,
        /** Events that all have passed are kept longer than configured: retention does not keep up. */
        PRUNE_BACKLOG,
        /** Nodes live, and what waits is not written down: points are missing. */
        NOT_SAMPLED
    }

    private record Found(
            Code code,
            @Nullable String processor,
            @Nullable Duration age,
            @Nullable Long number) {}

    /** The troubles of this moment, the worst first. */
    static List<FlowView.Trouble> of(FlowNow now, List<ProcessorGauge> gauges) {
        List<Found> found = new ArrayList<>();
        if (now.liveNodes() == 0) {
            found.add(new Found(Code.NO_NODE, null, now.sampledBefore(), null));
        } else if (isLonger(now.sampledBefore(), UNSAMPLED)) {
            found.add(new Found(Code.NOT_SAMPLED, null, now.sampledBefore(), null));
        }
        Duration oldest = now.outboxOldest();
        if (isLonger(oldest, UNRELAYED)) {
            boolean stands = now.relayedBefore() == null || isLonger(now.relayedBefore(), UNRELAYED);
            found.add(new Found(
                    stands ? Code.RELAY_STANDS : Code.OUTBOX_OLD,
                    null,
                    stands && now.relayedBefore() != null ? shorter(oldest, now.relayedBefore()) : oldest,
                    now.outbox()));
        }
        for (ProcessorGauge gauge : gauges) {
            int slots = now.slots().getOrDefault(gauge.processor(), 0);
            if (now.liveNodes() > 0 && gauge.unowned() > 0) {
                found.add(new Found(
                        gauge.unowned() >= slots ? Code.PROCESSOR_WITHOUT_NODE : Code.SLOTS_WITHOUT_NODE,
                        gauge.processor(),
                        gauge.oldestAge(),
                        (long) gauge.unowned()));
            } else if (!gauge.paused() && isLonger(gauge.oldestAge(), BEHIND)) {
                found.add(new Found(Code.PROCESSOR_BEHIND, gauge.processor(), gauge.oldestAge(), gauge.lag()));
            }
        }
        if (now.rejected() > 0) {
            found.add(new Found(Code.REJECTED, null, null, now.rejected()));
        }
        if (isLonger(now.overdue(), OVERDUE)) {
            found.add(new Found(Code.PRUNE_BACKLOG, null, now.overdue(), null));
        }
        return found.stream()
                .sorted(Comparator.comparing(Found::code)
                        .thenComparing(Found::age, Comparator.nullsLast(Comparator.reverseOrder())))
                .limit(FlowView.MOST_TROUBLES)
                .map(one -> new FlowView.Trouble(
                        FailureSearches.wireName(one.code()), one.processor(), one.age(), one.number()))
                .toList();
    }

    private static boolean isLonger(@Nullable Duration duration, Duration limit) {
        return duration != null && duration.compareTo(limit) > 0;
    }

    private static @Nullable Duration shorter(@Nullable Duration a, Duration b) {
        return a == null || a.compareTo(b) > 0 ? b : a;
    }
}

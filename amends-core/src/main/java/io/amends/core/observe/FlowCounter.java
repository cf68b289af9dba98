package io.amends.core.observe;

import io.amends.core.failure.FailureReason;
import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowDelta;
import io.amends.core.flow.FlowNumbers;
import io.amends.core.flow.FlowStage;
import io.amends.core.flow.FlowTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts in memory what flows through a node. Thread-safe; it never blocks, and loses no count. */
public final class FlowCounter implements EngineListener {
    /** Stands for no processor, which no processor is named. */
    private static final String NONE = "";

    private final ConcurrentSkipListMap<Place, Cell> cells = new ConcurrentSkipListMap<>();

    private record Place(FlowStage stage, String processor) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::stage).thenComparing(Place::processor);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    /** What was counted since the last call, without its age; empty if nothing was. */
    List<Counted> take() {
        List<Counted> taken = new ArrayList<>();
        cells.forEach((place, cell) -> {
            FlowNumbers numbers = cell.take();
            if (!numbers.equals(FlowNumbers.NONE)) {
                taken.add(new Counted(place, numbers));
            }
        });
        return taken;
    }

    /** What was counted in some seconds. */
    record Counted(Place place, FlowNumbers numbers) {
        FlowDelta aged(Duration age) {
            return new FlowDelta(
                    place.stage(), place.processor().equals(NONE) ? null : place.processor(), age, numbers);
        }
    }

    /** Counters, each of which is read and reset at once: no count is lost or taken twice. */
    private static final class Cell {
        final Map<FlowCount, AtomicLong> counts = new EnumMap<>(FlowCount.class);
        final AtomicLong sum = new AtomicLong();
        final AtomicLong longest = new AtomicLong();
        final AtomicLongArray buckets = new AtomicLongArray(FlowTimes.BOUNDS.size() + 1);

        Cell() {
            for (FlowCount count : FlowCount.values()) {
                counts.put(count, new AtomicLong());
            }
        }

        FlowNumbers take() {
            TreeMap<FlowCount, Long> taken = new TreeMap<>();
            counts.forEach((count, number) -> taken.put(count, number.getAndSet(0)));
            List<Long> times = new ArrayList<>();
            for (int bucket = 0; bucket < buckets.length(); bucket++) {
                times.add(buckets.getAndSet(bucket, 0));
            }
            return new FlowNumbers(
                    taken,
                    new FlowTimes(Duration.ofNanos(sum.getAndSet(0)), Duration.ofNanos(longest.getAndSet(0)), times),
                    0,
                    null);
        }

        void add(FlowCount count, long number) {
            Objects.requireNonNull(counts.get(count)).addAndGet(number);
        }

        void time(Duration time) {
            long nanos = Math.max(0, time.toNanos());
            sum.addAndGet(nanos);
            longest.accumulateAndGet(nanos, Math::max);
            buckets.incrementAndGet(FlowTimes.bucketOf(time));
        }
    }

    private Cell cell(FlowStage stage, String processor) {
        return cells.computeIfAbsent(new Place(stage, processor), place -> new Cell());
    }

    private void add(FlowStage stage, String processor, FlowCount count, long number) {
        cell(stage, processor).add(count, number);
    }

    private void handled(String processor, FlowCount count) {
        add(FlowStage.HANDLED, processor, count, 1);
    }

    private void time(FlowStage stage, String processor, Duration time) {
        cell(stage, processor).time(time);
    }

    @Override
    public void published(String eventType, int count) {
        add(FlowStage.OUTBOX, NONE, FlowCount.EVENTS, count);
    }

    @Override
    public void relayed(int moved, int duplicates, int rejected) {
        add(FlowStage.TRANSPORT, NONE, FlowCount.EVENTS, moved);
        add(FlowStage.TRANSPORT, NONE, FlowCount.DUPLICATES, duplicates);
        add(FlowStage.TRANSPORT, NONE, FlowCount.REJECTED, rejected);
    }

    @Override
    public void leftOutbox(Duration took, List<Duration> waited) {
        waited.forEach(time -> time(FlowStage.OUTBOX, NONE, time));
        time(FlowStage.TRANSPORT, NONE, took);
    }

    @Override
    public void leftInbox(String processor, Duration waited) {
        time(FlowStage.INBOX, processor, waited);
    }

    @Override
    public void handled(String processor, String function, Duration took) {
        handled(processor, FlowCount.EVENTS);
        time(FlowStage.HANDLED, processor, took);
    }

    @Override
    public void released(String processor) {
        handled(processor, FlowCount.RELEASED);
    }

    @Override
    public void stale(String processor, String function) {
        handled(processor, FlowCount.STALE);
    }

    @Override
    public void failed(String processor, String function, FailureReason reason) {
        handled(processor, FlowCount.FAILED);
    }

    @Override
    public void retried(String processor, String function, boolean succeeded) {
        handled(processor, succeeded ? FlowCount.RETRIED : FlowCount.FAILED_AGAIN);
    }

    @Override
    public void skipped(String processor, String function) {
        handled(processor, FlowCount.SKIPPED);
    }

    @Override
    public void parked(String processor) {
        handled(processor, FlowCount.PARKED);
    }

    @Override
    public void waiting(String processor, String function) {
        handled(processor, FlowCount.WAITED);
    }
}

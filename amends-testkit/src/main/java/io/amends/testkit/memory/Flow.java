package io.amends.testkit.memory;

import io.amends.core.flow.BuildSeen;
import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowDelta;
import io.amends.core.flow.FlowLevel;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowNumbers;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import io.amends.core.flow.FlowStage;
import io.amends.core.flow.FlowTimes;
import io.amends.core.store.Membership.LiveNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What flowed by minute, ten minutes and hour, and who has said so. The caller holds the lock. */
final class Flow {
    private static final String NONE = "";
    private static final Duration WRITERS_KEPT = Duration.ofDays(1);

    private final State state;
    private final TreeMap<FlowLevel, TreeMap<Place, FlowNumbers>> levels = new TreeMap<>();
    private final TreeMap<String, Writer> writers = new TreeMap<>();
    private final List<BuildSeen> builds = new ArrayList<>();
    private final SortedSet<String> live = new TreeSet<>();
    private @Nullable Instant sampledAt;
    private long sampledHead;
    private @Nullable Duration overdue;

    Flow(State state) {
        this.state = state;
        for (FlowLevel level : FlowLevel.values()) {
            levels.put(level, new TreeMap<>());
        }
    }

    private record Place(Instant at, FlowStage stage, String processor) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::at).thenComparing(Place::stage).thenComparing(Place::processor);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    private record Writer(long batch, Instant at, @Nullable Instant relayedAt) {}

    boolean add(String node, long batch, List<FlowDelta> deltas) {
        Writer before = writers.get(node);
        if (before != null && before.batch() >= batch) {
            return false;
        }
        boolean relayed = deltas.stream()
                .anyMatch(delta ->
                        delta.stage() == FlowStage.TRANSPORT && delta.numbers().count(FlowCount.EVENTS) > 0);
        writers.put(
                node,
                new Writer(batch, state.now(), relayed ? state.now() : before == null ? null : before.relayedAt()));
        deltas.forEach(delta ->
                add(delta.stage(), delta.processor(), state.now().minus(delta.age()), inMicros(delta.numbers())));
        return true;
    }

    /** Databases keep microseconds. */
    private static FlowNumbers inMicros(FlowNumbers numbers) {
        FlowTimes times = numbers.times();
        return new FlowNumbers(
                numbers.counts(),
                new FlowTimes(micros(times.sum()), micros(times.longest()), times.buckets()),
                numbers.waiting(),
                numbers.oldest() == null ? null : micros(numbers.oldest()));
    }

    private static Duration micros(Duration duration) {
        return Duration.ofNanos(duration.toNanos() / 1000 * 1000);
    }

    private void add(FlowStage stage, @Nullable String processor, Instant at, FlowNumbers numbers) {
        levels.forEach((level, rows) -> rows.merge(
                new Place(FlowLevel.beginning(at, level.length()), stage, processor == null ? NONE : processor),
                numbers,
                FlowNumbers::plus));
    }

    boolean sample(Duration pace, Duration keepPassed, SortedMap<String, Long> positions) {
        Instant now = state.now();
        if (sampledAt != null && sampledAt.plus(pace).isAfter(now)) {
            return false;
        }
        sampledAt = now;
        long head = state.log.head();
        Instant outboxOldest = state.log.oldestPublished();
        sample(FlowStage.OUTBOX, null, 0, Math.min(FlowNow.CAP, state.log.published()), outboxOldest);
        sample(FlowStage.TRANSPORT, null, 0, 0, null);
        sample(FlowStage.INBOX, null, head - sampledHead, 0, null);
        positions.forEach((processor, position) -> {
            sample(FlowStage.INBOX, processor, 0, Math.max(0, head - position), state.log.oldestAfter(position));
            sample(FlowStage.HANDLED, processor, 0, 0, null);
        });
        sampledHead = head;
        Instant first = state.log.oldestPassed(state.cursors.passedByAll());
        Duration late = first == null ? null : Duration.between(first.plus(keepPassed), now);
        overdue = late == null || !late.isPositive() ? null : late;
        seeBuilds(now);
        return true;
    }

    private void sample(
            FlowStage stage, @Nullable String processor, long events, long waiting, @Nullable Instant oldest) {
        Instant now = state.now();
        FlowNumbers numbers = new FlowNumbers(
                FlowNumbers.of(FlowCount.EVENTS, events).counts(),
                FlowTimes.NONE,
                waiting,
                oldest == null ? null : Duration.between(oldest, now));
        add(stage, processor, now, numbers);
    }

    private void seeBuilds(Instant now) {
        TreeSet<String> running = new TreeSet<>();
        state.nodes.live(now).stream().map(LiveNode::build).forEach(running::add);
        if (running.isEmpty()) {
            return;
        }
        running.stream().filter(build -> !live.contains(build)).forEach(build -> builds.add(new BuildSeen(now, build)));
        live.clear();
        live.addAll(running);
    }

    int prune(int limit) {
        Instant now = state.now();
        int most = 0;
        for (FlowLevel level : FlowLevel.values()) {
            TreeMap<Place, FlowNumbers> rows = Objects.requireNonNull(levels.get(level));
            int removed = 0;
            while (removed < limit && !rows.isEmpty() && rows.firstKey().at().isBefore(now.minus(level.kept()))) {
                rows.pollFirstEntry();
                removed++;
            }
            most = Math.max(most, removed);
        }
        writers.values().removeIf(writer -> writer.at().isBefore(now.minus(WRITERS_KEPT)));
        builds.removeIf(build -> build.at().isBefore(now.minus(FlowLevel.HOUR.kept())));
        return most;
    }

    FlowNow now(SortedMap<String, Integer> slots) {
        Instant now = state.now();
        Instant oldest = state.log.oldestPublished();
        Instant relayedAt = writers.values().stream()
                .map(Writer::relayedAt)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
        return new FlowNow(
                now,
                Math.min(FlowNow.CAP, state.log.published()),
                since(oldest, now),
                since(relayedAt, now),
                Math.min(FlowNow.CAP, state.log.rejected().size()),
                state.nodes.live(now).size(),
                slots,
                overdue,
                since(sampledAt, now));
    }

    private static @Nullable Duration since(@Nullable Instant then, Instant now) {
        return then == null ? null : Duration.between(then, now);
    }

    List<FlowPoint> points(FlowSearch search) {
        TreeMap<Place, FlowNumbers> found = new TreeMap<>();
        Objects.requireNonNull(levels.get(search.level())).forEach((place, numbers) -> {
            boolean asked = search.processor() == null
                    || place.processor().equals(NONE)
                    || place.processor().equals(search.processor());
            if (asked && !place.at().isBefore(search.from()) && place.at().isBefore(search.to())) {
                found.merge(
                        new Place(
                                FlowLevel.beginning(place.at(), search.step()),
                                place.stage(),
                                search.byProcessor() ? place.processor() : NONE),
                        numbers,
                        FlowNumbers::plus);
            }
        });
        List<FlowPoint> points = new ArrayList<>();
        found.forEach((place, numbers) -> points.add(new FlowPoint(
                place.at(), place.stage(), place.processor().equals(NONE) ? null : place.processor(), numbers)));
        return points;
    }

    List<BuildSeen> builds(Instant from, Instant to, int limit) {
        return builds.reversed().stream()
                .filter(build -> !build.at().isBefore(from) && build.at().isBefore(to))
                .limit(limit)
                .toList();
    }
}

package io.amends.console;

import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowLevel;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowNumbers;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import io.amends.core.flow.FlowStage;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.Batch;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.store.ProcessorGauge;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How events flow from the outbox to the handlers. */
final class FlowResource {
    private static final String TAG = "flow";
    private static final Map<String, Duration> RANGES = new TreeMap<>(Map.of(
            "1h", Duration.ofHours(1),
            "6h", Duration.ofHours(6),
            "24h", Duration.ofHours(24),
            "3d", Duration.ofDays(3),
            "7d", Duration.ofDays(7),
            "30d", Duration.ofDays(30),
            "1y", Duration.ofDays(365)));
    private static final List<String> RANGE_NAMES = List.of("1h", "6h", "24h", "3d", "7d", "30d", "1y");

    /** How finely numbers can be asked for, and of which level they are put together. */
    private enum Step {
        MINUTE("1m", FlowLevel.MINUTE, Duration.ofMinutes(1)),
        TEN_MINUTES("10m", FlowLevel.TEN_MINUTES, Duration.ofMinutes(10)),
        HOUR("1h", FlowLevel.HOUR, Duration.ofHours(1)),
        DAY("1d", FlowLevel.HOUR, Duration.ofDays(1));

        final String text;
        final FlowLevel level;
        final Duration length;

        Step(String text, FlowLevel level, Duration length) {
            this.text = text;
            this.level = level;
            this.length = length;
        }

        static Step named(String text) {
            return List.of(values()).stream()
                    .filter(step -> step.text.equals(text))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The most points that an answer has if it may choose. */
    private static final long CHOSEN = 750;
    /** The most points that an answer has: the minutes of three days. */
    private static final long MOST = 4_400;
    /** Nodes write their counts every five seconds: the time before is not complete. */
    private static final Duration LATE = Duration.ofSeconds(6);
    /** The current step is shown from when this much of it is over. */
    private static final Duration ENOUGH = Duration.ofSeconds(30);

    private static final Duration RECENT = Duration.ofMinutes(5);
    private static final int PARTS = 24;

    private final Operations operations;
    private final OperatorStore store;

    FlowResource(Operations operations, OperatorStore store) {
        this.operations = operations;
        this.store = store;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get(
                        "/flow",
                        "getFlow",
                        TAG,
                        "Shows what flows from the outbox to the handlers, how fast, and how old what waits is")
                .takes(
                        Parameter.oneOf("range", RANGE_NAMES, "The time up to now; 1h if nothing is given."),
                        Parameter.instant("from", "Instead of a range: from this time on."),
                        Parameter.instant("to", "With from: up to this time; now if not given."),
                        Parameter.oneOf(
                                "step",
                                List.of(Step.values()).stream()
                                        .map(step -> step.text)
                                        .toList(),
                                "The length of a point, if it gives at most 4,400. If not given the finest that gives at most"
                                        + " 750. Minutes are kept for 3 days, ten minutes for 30 days, hours for a year."),
                        Parameter.text("processor", "Only this processor; the stages before it are of all."))
                .answers(200, FlowView.class, "The flow.")
                .shows(FlowView.EXAMPLE)
                .by(this::flow));
    }

    /** What is asked for. */
    private record Asked(
            Instant from, Instant to, Step step, @Nullable String processor) {}

    private ApiResponse flow(Call call) {
        FlowNow now = store.flowNow();
        Query query = call.query();
        String processor = query.text("processor");
        if (processor != null && !call.identity().sees(processor)) {
            return ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such processor: " + Texts.shown(processor)));
        }
        Asked asked = asked(query, now.at());
        if (!query.mistakes().isEmpty()) {
            return ApiResponse.invalid(query.mistakes());
        }
        List<ProcessorGauge> all = operations.gauges();
        List<ProcessorGauge> gauges = all.stream()
                .filter(gauge -> call.identity().sees(gauge.processor()))
                .filter(gauge -> processor == null || gauge.processor().equals(processor))
                .toList();
        boolean apart = processor == null && gauges.size() < all.size();
        return ApiResponse.json(
                200, view(asked, now, gauges, apart, call.identity().scope(Permission.FAILURES_READ)));
    }

    private static Asked asked(Query query, Instant now) {
        Instant from = query.time("from");
        Instant to = query.time("to");
        String range = query.text("range");
        if (range != null && (from != null || to != null)) {
            query.mistake("range: given with from or to (expected: one of both)");
        }
        if (to != null && from == null) {
            query.mistake("to: given without from");
        }
        Instant end = to == null || to.isAfter(now) ? now : to;
        Instant begin =
                from == null ? end.minus(Objects.requireNonNull(RANGES.get(range == null ? "1h" : range))) : from;
        if (!begin.isBefore(end)) {
            query.mistake("from: " + begin + " (expected: before to, and before now)");
            begin = end.minus(RECENT);
        }
        Instant oldest = now.minus(FlowLevel.HOUR.kept()).minus(Step.DAY.length);
        begin = begin.isBefore(oldest) ? oldest : begin;
        String asked = query.text("step");
        Step step = asked == null ? finest(begin, end, now) : Step.named(asked);
        if (points(step, begin, end) > MOST) {
            query.mistake("step: " + step.text + " (expected: one that gives at most 4,400 points)");
        } else if (!isKept(step, begin, now)) {
            query.mistake("step: " + step.text + " (expected: a longer one, since those before "
                    + now.minus(step.level.kept()) + " are gone)");
        }
        return new Asked(FlowLevel.beginning(begin, step.length), end, step, query.text("processor"));
    }

    private static Step finest(Instant from, Instant to, Instant now) {
        for (Step step : Step.values()) {
            if (points(step, from, to) <= CHOSEN && isKept(step, from, now)) {
                return step;
            }
        }
        return Step.DAY;
    }

    private static long points(Step step, Instant from, Instant to) {
        return Duration.between(from, to).toSeconds() / step.length.toSeconds() + 1;
    }

    /** The hour in which a level is pruned belongs to it. */
    private static boolean isKept(Step step, Instant from, Instant now) {
        return step == Step.DAY || !from.isBefore(now.minus(step.level.kept()).minus(Step.HOUR.length));
    }

    private FlowView view(Asked asked, FlowNow now, List<ProcessorGauge> gauges, boolean apart, ProcessorScope scope) {
        Map<Instant, Map<FlowStage, FlowNumbers>> series = series(asked, gauges, apart);
        Instant complete = now.at().minus(LATE);
        Rows recent = new Rows(store.flow(new FlowSearch(
                FlowLevel.MINUTE,
                FlowLevel.MINUTE.length(),
                FlowLevel.beginning(now.at().minus(RECENT), FlowLevel.MINUTE.length()),
                now.at(),
                asked.processor(),
                true)));
        List<FlowView.Stage> stages = new ArrayList<>();
        for (FlowStage stage : FlowStage.values()) {
            stages.add(stage(stage, asked, now, gauges, series, recent, complete));
        }
        List<FlowView.ProcessorRow> rows = rows(asked, now, gauges, recent, complete);
        return new FlowView(
                now.at(),
                asked.from(),
                asked.to(),
                asked.step().length,
                stages,
                rows.stream().limit(FlowView.MOST_PROCESSORS).toList(),
                Math.max(0, rows.size() - FlowView.MOST_PROCESSORS),
                points(series, asked, complete),
                FlowTroubles.of(now, gauges),
                markers(asked, scope));
    }

    /** By time and stage; of all processors, or where somebody may not see all of them, of those. */
    private Map<Instant, Map<FlowStage, FlowNumbers>> series(Asked asked, List<ProcessorGauge> gauges, boolean apart) {
        List<String> seen = gauges.stream().map(ProcessorGauge::processor).toList();
        Map<Instant, Map<FlowStage, FlowNumbers>> series = new TreeMap<>();
        store
                .flow(new FlowSearch(
                        asked.step().level, asked.step().length, asked.from(), asked.to(), asked.processor(), apart))
                .stream()
                .filter(point -> !apart || point.processor() == null || seen.contains(point.processor()))
                .forEach(point -> series.computeIfAbsent(point.at(), at -> new TreeMap<>())
                        .merge(point.stage(), point.numbers(), FlowNumbers::plus));
        return series;
    }

    /** Points by processor. */
    private record Rows(List<FlowPoint> points) {
        FlowNumbers sum(FlowStage stage, @Nullable String processor) {
            return points.stream()
                    .filter(point -> point.stage() == stage && Objects.equals(point.processor(), processor))
                    .map(FlowPoint::numbers)
                    .reduce(FlowNumbers.NONE, FlowNumbers::plus);
        }

        List<Instant> times() {
            return points.stream().map(FlowPoint::at).distinct().toList();
        }

        /** How many minutes of these points are over. */
        double minutes(Duration step, Instant complete) {
            return times().stream().mapToDouble(at -> over(at, step, complete)).sum();
        }
    }

    /** How much of a step is over, in minutes. */
    private static double over(Instant at, Duration step, Instant complete) {
        Duration over = Duration.between(at, complete);
        return Math.max(0, Math.min(over.toMillis(), step.toMillis())) / 60_000d;
    }

    private static @Nullable Double rate(long events, double minutes) {
        return minutes < ENOUGH.toMillis() / 60_000d ? null : events / minutes;
    }

    private FlowView.Stage stage(
            FlowStage stage,
            Asked asked,
            FlowNow now,
            List<ProcessorGauge> gauges,
            Map<Instant, Map<FlowStage, FlowNumbers>> series,
            Rows recent,
            Instant complete) {
        FlowNumbers sum = series.values().stream()
                .map(stages -> stages.getOrDefault(stage, FlowNumbers.NONE))
                .reduce(FlowNumbers.NONE, FlowNumbers::plus);
        double minutes = series.keySet().stream()
                .mapToDouble(at -> over(at, asked.step().length, complete))
                .sum();
        List<@Nullable Double> rates = new ArrayList<>();
        series.forEach((at, stages) -> rates.add(rate(
                stages.getOrDefault(stage, FlowNumbers.NONE).count(FlowCount.EVENTS),
                over(at, asked.step().length, complete))));
        long recently = stage == FlowStage.HANDLED
                ? gauges.stream()
                        .mapToLong(gauge -> recent.sum(stage, gauge.processor()).count(FlowCount.EVENTS))
                        .sum()
                : recent.sum(stage, null).count(FlowCount.EVENTS);
        ProcessorGauge furthest = gauges.stream()
                .max(Comparator.comparing(ProcessorGauge::oldestAge, Comparator.nullsFirst(Comparator.naturalOrder())))
                .orElse(null);
        Long waiting = switch (stage) {
            case OUTBOX -> Long.valueOf(now.outbox());
            case INBOX ->
                Long.valueOf(
                        gauges.stream().mapToLong(ProcessorGauge::lag).max().orElse(0));
            case TRANSPORT, HANDLED -> null;
        };
        Duration oldest = switch (stage) {
            case OUTBOX -> now.outboxOldest();
            case INBOX -> furthest == null ? null : furthest.oldestAge();
            case TRANSPORT, HANDLED -> null;
        };
        return new FlowView.Stage(
                FailureSearches.wireName(stage),
                sum.count(FlowCount.EVENTS),
                rate(sum.count(FlowCount.EVENTS), minutes),
                rate(recently, recent.minutes(FlowLevel.MINUTE.length(), complete)),
                FailureSearches.wireName(trend(rates)),
                waiting,
                oldest,
                FlowView.Times.of(sum.times()));
    }

    /** Compares the last third of the range with the first. */
    static FlowView.Trend trend(List<@Nullable Double> rates) {
        List<Double> known = rates.stream().filter(Objects::nonNull).toList();
        int third = known.size() / 3;
        if (third == 0) {
            return FlowView.Trend.UNKNOWN;
        }
        double first = known.subList(0, third).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(0);
        double last = known.subList(known.size() - third, known.size()).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(0);
        return last > first * 1.2
                ? FlowView.Trend.RISING
                : last < first * 0.8 ? FlowView.Trend.FALLING : FlowView.Trend.STEADY;
    }

    private List<FlowView.ProcessorRow> rows(
            Asked asked, FlowNow now, List<ProcessorGauge> gauges, Rows recent, Instant complete) {
        long steps = points(asked.step(), asked.from(), asked.to());
        Duration part = asked.step().length.multipliedBy(Math.max(1, Math.ceilDiv(steps, PARTS)));
        List<FlowPoint> points =
                store.flow(new FlowSearch(asked.step().level, part, asked.from(), asked.to(), asked.processor(), true));
        List<Instant> times = points.stream().map(FlowPoint::at).distinct().toList();
        Map<String, List<FlowPoint>> byProcessor = new TreeMap<>();
        points.forEach(point -> {
            if (point.processor() != null) {
                byProcessor
                        .computeIfAbsent(point.processor(), name -> new ArrayList<>())
                        .add(point);
            }
        });
        List<FlowView.ProcessorRow> rows = new ArrayList<>();
        for (ProcessorGauge gauge : gauges) {
            Rows own = new Rows(byProcessor.getOrDefault(gauge.processor(), List.of()));
            rows.add(row(asked, now, gauge, own, recent, new Parts(part, times, complete)));
        }
        rows.sort(WORST_FIRST);
        return rows;
    }

    /**
     * The parts of a range.
     *
     * @param length of one
     * @param known those in which a node lived
     * @param complete up to when numbers are complete
     */
    private record Parts(Duration length, List<Instant> known, Instant complete) {
        double minutes() {
            return known.stream().mapToDouble(at -> over(at, length, complete)).sum();
        }
    }

    /** First who has nobody, then whose events are oldest, then who fails. */
    private static final Comparator<FlowView.ProcessorRow> WORST_FIRST = Comparator.comparing(
                    (FlowView.ProcessorRow row) -> row.unownedSlots() == 0)
            .thenComparing(FlowView.ProcessorRow::oldestAge, Comparator.nullsLast(Comparator.reverseOrder()))
            .thenComparing(
                    Comparator.comparingLong(FlowView.ProcessorRow::active).reversed())
            .thenComparing(FlowView.ProcessorRow::name);

    private static FlowView.ProcessorRow row(
            Asked asked, FlowNow now, ProcessorGauge gauge, Rows own, Rows recent, Parts parts) {
        String name = gauge.processor();
        FlowNumbers handled = own.sum(FlowStage.HANDLED, name);
        TreeMap<Instant, Long> byPart = new TreeMap<>();
        own.points().stream()
                .filter(point -> point.stage() == FlowStage.HANDLED)
                .forEach(point -> byPart.put(point.at(), point.numbers().count(FlowCount.EVENTS)));
        List<@Nullable Long> counts = new ArrayList<>();
        List<@Nullable Double> rates = new ArrayList<>();
        for (Instant at = FlowLevel.beginning(asked.from(), parts.length());
                at.isBefore(asked.to());
                at = at.plus(parts.length())) {
            Long count = parts.known().contains(at) ? byPart.getOrDefault(at, 0L) : null;
            counts.add(count);
            rates.add(count == null ? null : rate(count, over(at, parts.length(), parts.complete())));
        }
        return new FlowView.ProcessorRow(
                name,
                gauge.paused(),
                now.slots().getOrDefault(name, 0),
                gauge.unowned(),
                gauge.lag(),
                gauge.oldestAge(),
                gauge.failed(),
                gauge.parked(),
                FlowView.Counts.of(handled),
                rate(handled.count(FlowCount.EVENTS), parts.minutes()),
                rate(
                        recent.sum(FlowStage.HANDLED, name).count(FlowCount.EVENTS),
                        recent.minutes(FlowLevel.MINUTE.length(), parts.complete())),
                FailureSearches.wireName(trend(rates)),
                FlowView.Times.of(own.sum(FlowStage.INBOX, name).times()),
                FlowView.Times.of(handled.times()),
                counts);
    }

    private static List<FlowView.Point> points(
            Map<Instant, Map<FlowStage, FlowNumbers>> series, Asked asked, Instant complete) {
        List<FlowView.Point> points = new ArrayList<>();
        series.forEach((at, stages) -> {
            double minutes = over(at, asked.step().length, complete);
            if (minutes >= ENOUGH.toMillis() / 60_000d) {
                points.add(point(at, minutes, stages));
            }
        });
        return points;
    }

    private static FlowView.Point point(Instant at, double minutes, Map<FlowStage, FlowNumbers> stages) {
        FlowNumbers outbox = stages.getOrDefault(FlowStage.OUTBOX, FlowNumbers.NONE);
        FlowNumbers inbox = stages.getOrDefault(FlowStage.INBOX, FlowNumbers.NONE);
        FlowNumbers handled = stages.getOrDefault(FlowStage.HANDLED, FlowNumbers.NONE);
        return new FlowView.Point(
                at,
                minutes,
                outbox.count(FlowCount.EVENTS),
                stages.getOrDefault(FlowStage.TRANSPORT, FlowNumbers.NONE).count(FlowCount.EVENTS),
                inbox.count(FlowCount.EVENTS),
                FlowView.Counts.of(handled),
                outbox.waiting(),
                inbox.waiting(),
                FlowView.Point.seconds(outbox.oldest()),
                FlowView.Point.seconds(inbox.oldest()),
                FlowView.Point.seconds(outbox.times().within(0.95)),
                FlowView.Point.seconds(inbox.times().within(0.95)),
                FlowView.Point.seconds(handled.times().within(0.95)));
    }

    private List<FlowView.Marker> markers(Asked asked, ProcessorScope scope) {
        List<FlowView.Marker> markers = new ArrayList<>();
        store.buildsSeen(asked.from(), asked.to(), FlowView.MOST_MARKERS)
                .forEach(build -> markers.add(marker(build.at(), FlowView.MarkerKind.BUILD, build.build(), null)));
        ACTIONS.forEach((action, kind) -> store
                .audit(
                        new AuditSearch(null, action, asked.processor(), null, null, asked.from(), asked.to(), scope),
                        null,
                        FlowView.MOST_MARKERS)
                .stream()
                .filter(line -> line.outcome().result() == AuditOutcome.Result.DONE)
                .forEach(line -> markers.add(marker(line, kind))));
        for (Batch batch : store.batches(scope, null, FlowView.MOST_MARKERS)) {
            if (isIn(batch.startedAt(), asked)) {
                markers.add(marker(batch.startedAt(), FlowView.MarkerKind.BATCH_STARTED, batch.id(), null));
            }
            if (isIn(batch.endedAt(), asked)) {
                markers.add(marker(batch.endedAt(), FlowView.MarkerKind.BATCH_ENDED, batch.id(), null));
            }
        }
        return markers.stream()
                .sorted(Comparator.comparing(FlowView.Marker::at).reversed())
                .limit(FlowView.MOST_MARKERS)
                .toList();
    }

    private static final Map<String, FlowView.MarkerKind> ACTIONS = new TreeMap<>(Map.of(
            "processor.pause", FlowView.MarkerKind.PROCESSOR_PAUSED,
            "processor.resume", FlowView.MarkerKind.PROCESSOR_RESUMED,
            "lane.pause", FlowView.MarkerKind.LANE_PAUSED,
            "lane.resume", FlowView.MarkerKind.LANE_RESUMED));

    private static boolean isIn(@Nullable Instant at, Asked asked) {
        return at != null && !at.isBefore(asked.from()) && at.isBefore(asked.to());
    }

    private static FlowView.Marker marker(AuditLine line, FlowView.MarkerKind kind) {
        return marker(line.at(), kind, line.entry().target(), line.entry().processor());
    }

    private static FlowView.Marker marker(
            @Nullable Instant at, FlowView.MarkerKind kind, @Nullable String target, @Nullable String processor) {
        return new FlowView.Marker(Objects.requireNonNull(at), FailureSearches.wireName(kind), target, processor);
    }
}

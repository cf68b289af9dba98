package io.amends.console;

import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowNumbers;
import io.amends.core.flow.FlowStage;
import io.amends.core.flow.FlowTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How events flow: what is known now, and what happened in a range of time. */
public record FlowView(
        @Described("The database's time.") Instant asOf,

        @Described("The range begins here; the first point may be later.")
        Instant from,

        @Described("The range ends here.") Instant to,

        @Described("The length of a point.") Duration step,

        @Described("Outbox, transport, inbox, handled.") List<Stage> stages,

        @Described("Processors, those that are worst off first; at most 200.")
        List<ProcessorRow> processors,

        @Described("How many processors are left out.") int moreProcessors,

        @Described("What happened in each step; steps in which no node lived are left out.")
        List<Point> points,

        @Described("What is wrong now, the worst first; at most 100.")
        List<Trouble> problems,

        @Described("What people and deployments did in the range, the latest first; at most 100.")
        List<Marker> markers) {

    /** A minute of a service whose processor {@code points} no node handles. */
    static final FlowView EXAMPLE = example();

    private static FlowView example() {
        Instant at = Instant.parse("2026-01-31T12:00:00Z");
        Times fast = new Times(480, Duration.ofMillis(3), Duration.ofMillis(10), Duration.ofMillis(41));
        Times none = new Times(0, null, null, null);
        Counts nothing = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0);
        Duration old = Duration.ofSeconds(432);
        return new FlowView(
                at.plusSeconds(90),
                at,
                at.plusSeconds(90),
                Duration.ofMinutes(1),
                List.of(
                        new Stage("outbox", 480, 480.0, 480.0, "steady", 3L, Duration.ofMillis(6), fast),
                        new Stage("transport", 480, 480.0, 480.0, "steady", null, null, fast),
                        new Stage("inbox", 480, 480.0, 480.0, "steady", 3_456L, old, none),
                        new Stage("handled", 0, 0.0, 0.0, "falling", null, null, none)),
                List.of(new ProcessorRow(
                        "points",
                        false,
                        128,
                        128,
                        3_456,
                        old,
                        0,
                        0,
                        nothing,
                        0.0,
                        0.0,
                        "falling",
                        none,
                        none,
                        List.of(0L))),
                0,
                List.of(new Point(at, 1, 480, 480, 480, nothing, 4, 3_456, 0.006, 372.0, 0.01, null, null)),
                List.of(new Trouble("processor-without-node", "points", old, 128L)),
                List.of(new Marker(at.minusSeconds(10), "build", "2.4.1", null)));
    }

    static final int MOST_PROCESSORS = 200;
    static final int MOST_TROUBLES = 100;
    static final int MOST_MARKERS = 100;

    /** Which way a rate goes. */
    enum Trend {
        /** Too few steps to say. */
        UNKNOWN,
        /** At least a fifth less in the last third of the range than in the first. */
        FALLING,
        /** Neither. */
        STEADY,
        /** At least a fifth more in the last third of the range than in the first. */
        RISING
    }

    /** A stage of the way. */
    public record Stage(
            @Described(value = "Which one.", codesOf = FlowStage.class)
            String stage,

            @Described("Events in the range.") long events,

            @Described(
                    "Events per minute in the range, steps without a living node left out; null if there is no other.")
            @Nullable Double perMinute,

            @Described("Events per minute in the last 5 minutes.") @Nullable Double perMinuteNow,

            @Described(value = "Which way the rate goes in the range.", codesOf = Trend.class)
            String trend,

            @Described(
                    "Events that wait now: in the outbox, counted to 10,001; in the inbox, of the processor that is furthest"
                            + " behind. Null where nothing waits.")
            @Nullable Long waiting,

            @Described("The age of the oldest event that waits now, null if none does.") @Nullable Duration oldestAge,

            @Described(
                    "How long events spent in the stage: in the outbox, in a relay's transaction, from the inbox until they"
                            + " were handled if nothing held them up, and with the handler.")
            Times times) {}

    /** How long events spent somewhere. */
    public record Times(
            long count,
            @Nullable Duration mean,

            @Described(
                    "19 of 20 took at most so long: the end of the interval in which that is, never more than the longest.")
            @Nullable Duration p95,

            @Nullable Duration longest) {
        static Times of(FlowTimes times) {
            return new Times(
                    times.count(), times.mean(), times.within(0.95), times.count() == 0 ? null : times.longest());
        }
    }

    /** A processor. */
    public record ProcessorRow(
            String name,
            boolean paused,
            int slots,

            @Described("Slots without a live owner.") int unownedSlots,

            @Described("Positions that not every slot has passed.")
            long waiting,

            @Described("The age of the oldest event that is not passed.") @Nullable Duration oldestAge,

            @Described("Failed executions that are not done, at most 10,001.")
            long active,

            @Described("Parked events, at most 10,001.") long parkedNow,

            Counts counts,
            @Nullable Double perMinute,
            @Nullable Double perMinuteNow,

            @Described(value = "Which way the rate goes in the range.", codesOf = Trend.class)
            String trend,

            @Described("From the inbox until it was handled, of events that nothing held up.")
            Times inInbox,

            @Described("With the handler.") Times inHandler,

            @Described("Handled events in at most 25 equal parts of the range; null for a part in which no node lived.")
            List<@Nullable Long> parts) {}

    /** What was counted. */
    public record Counts(
            long handled,

            @Described("Events whose first attempt failed.") long failed,
            @Described("Later attempts that failed.") long failedAgain,

            @Described("Later attempts that succeeded; handled events as well.")
            long retried,

            @Described("Failed executions that a person declared dealt with.")
            long skipped,

            @Described("Events older than what was done already.")
            long stale,

            @Described("Events parked behind others.") long parked,
            @Described("Times that an event began to wait.") long waited,

            @Described("Events handled after they were parked or waited.")
            long released) {
        static Counts of(FlowNumbers numbers) {
            return new Counts(
                    numbers.count(FlowCount.EVENTS),
                    Math.max(0, numbers.count(FlowCount.FAILED) - numbers.count(FlowCount.FAILED_AGAIN)),
                    numbers.count(FlowCount.FAILED_AGAIN),
                    numbers.count(FlowCount.RETRIED),
                    numbers.count(FlowCount.SKIPPED),
                    numbers.count(FlowCount.STALE),
                    numbers.count(FlowCount.PARKED),
                    numbers.count(FlowCount.WAITED),
                    numbers.count(FlowCount.RELEASED));
        }
    }

    /** What happened in a step. */
    public record Point(
            Instant at,

            @Described("How much of the step is over, in minutes: what to divide numbers by for a rate.")
            double minutes,

            @Described("Events written into the outbox, also in transactions that rolled back.")
            long published,

            long relayed,

            @Described("Events that got a position, through the relay or a door.")
            long arrived,

            @Described("Of all processors that were asked for.")
            Counts counts,

            @Described("The most events seen in the outbox.")
            long outboxWaiting,

            @Described("The most positions that a processor was seen behind.")
            long inboxWaiting,

            @Described("The greatest age, in seconds, that the oldest event of the outbox was seen with.") @Nullable Double outboxOldest,

            @Described("The greatest age, in seconds, that the oldest event not passed was seen with.") @Nullable Double inboxOldest,

            @Described("19 of 20 events were in the outbox at most so many seconds.") @Nullable Double outboxP95,

            @Described("19 of 20 events were in the inbox at most so many seconds, of those that nothing held up.")
            @Nullable Double inboxP95,

            @Described("19 of 20 runs of a handler took at most so many seconds.") @Nullable Double handlerP95) {
        static @Nullable Double seconds(@Nullable Duration duration) {
            return duration == null ? null : duration.toNanos() / 1e9;
        }
    }

    /** Something that is wrong. */
    public record Trouble(
            @Described(value = "What.", codesOf = FlowTroubles.Code.class)
            String code,

            @Described("With which processor, null if with none.") @Nullable String processor,

            @Described("For how long, or how old; null if that says nothing.") @Nullable Duration age,

            @Described("How many, null if that says nothing.") @Nullable Long number) {}

    /** What kind of thing somebody did. */
    enum MarkerKind {
        /** A build began to run. */
        BUILD,
        /** A processor was paused. */
        PROCESSOR_PAUSED,
        /** A processor was resumed. */
        PROCESSOR_RESUMED,
        /** A lane was paused. */
        LANE_PAUSED,
        /** A lane was resumed. */
        LANE_RESUMED,
        /** A batch was started. */
        BATCH_STARTED,
        /** A batch ended. */
        BATCH_ENDED
    }

    /** What somebody did. */
    public record Marker(
            Instant at,

            @Described(value = "What.", codesOf = MarkerKind.class)
            String kind,

            @Described("The build, the batch's id, or the lane's key.") @Nullable String target,

            @Described("The processor, null if it is about none.") @Nullable String processor) {}
}

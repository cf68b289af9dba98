package io.amends.testkit.disorder;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.OnTimeout;
import io.amends.api.RetryPolicy;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.lane.LaneKey;
import io.amends.testkit.disorder.Delivered.What;
import io.amends.testkit.disorder.Handling.End;
import io.amends.testkit.disorder.HeldLanes.Place;
import io.amends.testkit.disorder.HeldLanes.Reason;
import io.amends.testkit.disorder.HeldLanes.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One history: the deliveries of its steps, and then what time brings.
 *
 * <p>Each delivery is carried through, with all that it wakes and releases, before the next one comes. When all have come,
 * time passes: what polls, waits that hold each other, retries of failed executions and the ends of waits take place in the
 * order in which they fall due. Each is tried again only if something was done since it was tried last, so a history ends.
 */
final class History {
    /** When waits that hold each other are found. */
    private static final Duration UNTANGLED_AFTER = Duration.ofSeconds(1);

    /** In which it is looked whether something came without being told. */
    private static final Duration POLLED_AFTER = Duration.ofMillis(20);

    private final List<TestEvent> events;
    private final EventCodec codec;
    private final boolean retries;
    private final Set<String> takenAsDone;
    private final List<Side> sides;
    private final Handling handling;
    private final Supplier<@Nullable Object> state;
    private final boolean traced;

    private final HeldLanes lanes = new HeldLanes();
    private final List<Delivered> trace = new ArrayList<>();
    private final String initial;
    private final Map<Integer, Integer> positions = new HashMap<>();
    private final Set<Integer> came = new TreeSet<>();
    private final Set<Integer> late = new TreeSet<>();
    private final Set<Integer> crashLater = new HashSet<>();
    private @Nullable Throwable firstError;
    private Duration now = Duration.ZERO;
    /** How often something got done, and when that was last. */
    private int progress;

    private Duration progressAt = Duration.ZERO;

    private int node;

    /**
     * What is played.
     *
     * @param retries whether failed executions are retried
     * @param takenAsDone processors that have done whatever is needed of them
     * @param state reads the state
     */
    record Setting(
            List<TestEvent> events,
            EventCodec codec,
            boolean retries,
            Set<String> takenAsDone,
            List<Side> sides,
            Ground ground,
            Supplier<@Nullable Object> state) {}

    History(Setting setting, boolean traced) {
        events = setting.events();
        codec = setting.codec();
        retries = setting.retries();
        takenAsDone = setting.takenAsDone();
        sides = setting.sides();
        handling = new Handling(setting.ground(), this::isDone);
        state = setting.state();
        this.traced = traced;
        initial = traced ? stateText() : "";
    }

    /** Plays it, and reads the state at the end. */
    Outcome play(List<Step> steps) {
        steps.forEach(this::deliver);
        boolean more = true;
        while (more) {
            more = !lanes.isEmpty() && passTime();
        }
        List<Row> rest = lanes.rows();
        if (firstError == null) {
            firstError = rest.stream()
                    .map(row -> row.request)
                    .filter(Objects::nonNull)
                    .map(Handling.TooEarly::new)
                    .findFirst()
                    .orElse(null);
        }
        return new Outcome(
                state.get(),
                firstError != null,
                firstError,
                rest.stream()
                        .map(row -> Outcome.Left.of(row, eventOf(row.delivery)))
                        .toList(),
                late,
                unended(rest),
                initial,
                List.copyOf(trace));
    }

    private List<Unended> unended(List<Row> rest) {
        List<Unended> all = new ArrayList<>();
        for (Row row : rest) {
            WaitRequest request = row.request;
            int event = eventOf(row.delivery);
            if (request == null || all.stream().anyMatch(wait -> wait.event() == event)) {
                continue; // its repetition waits for the same
            }
            List<Integer> brings = List.of();
            StreamVersion reached = null;
            if (request.what() instanceof WaitFor.Version version) {
                Side side = side(version.processor());
                brings = IntStream.range(0, events.size())
                        .filter(other -> other != event && came.contains(other) && brings(side, other, version))
                        .boxed()
                        .toList();
                reached = side == null ? null : side.version(version.entity());
            }
            all.add(new Unended(event, request, brings, reached));
        }
        return all;
    }

    private boolean brings(@Nullable Side side, int event, WaitFor.Version version) {
        return side != null && provides(side, event).contains(version.entity());
    }

    private @Nullable Side side(String processor) {
        return sides.stream()
                .filter(side -> side.name().equals(processor))
                .findFirst()
                .orElse(null);
    }

    /** Whether a version that is waited for is done. */
    private boolean isDone(WaitFor.Version needed) {
        Side side = side(needed.processor());
        if (side == null && !takenAsDone.contains(needed.processor())) {
            throw new IllegalStateException("processor " + needed.processor() + ": not part of the test");
        }
        return side == null || side.isDone(needed);
    }

    // ---- deliveries -----------------------------------------------------------------------------------------------

    private void deliver(Step step) {
        node = step.node();
        if (step.kind() == Step.Kind.CRASHES_LATER) {
            crashLater.add(step.event());
            return;
        }
        came.add(step.event());
        int delivery = step.kind() == Step.Kind.DUPLICATE ? events.size() + step.event() : step.event();
        positions.putIfAbsent(delivery, positions.size());
        for (Side side : sides) {
            if (step.isFor(side.number()) && side.function(envelope(delivery), node) != null) {
                deliver(side, delivery, step.kind() == Step.Kind.CRASHED);
                settle();
            }
        }
    }

    private void deliver(Side side, int delivery, boolean crash) {
        Place place = place(side, delivery);
        boolean held = lanes.isHeld(place);
        if (held && !crash) {
            Row row = row(place, delivery, provides(side, eventOf(delivery)));
            lanes.add(row);
            if (!lanes.mayRun(row)) {
                note(side, delivery, What.PARKED, null);
            }
        } else if (crash && !held) {
            End end = handle(side, delivery, new Handling.Run(first(side, delivery), true, false, null));
            note(side, delivery, What.CRASHED, end instanceof End.Threw threw ? threw.error() : null);
        } else if (!held) {
            conclude(
                    place,
                    delivery,
                    null,
                    handle(side, delivery, new Handling.Run(first(side, delivery), false, false, null)),
                    false);
        }
    }

    /** Runs what may run: what was released, and what waited for something that is done. */
    private void settle() {
        Row next = lanes.next(this::isDone, progress);
        while (next != null) {
            run(next, null, false);
            next = lanes.next(this::isDone, progress);
        }
    }

    /** Runs an event that was not done at its delivery; {@code over} is a wait whose time is over. */
    private void run(Row row, @Nullable WaitRequest over, boolean polls) {
        Side side = row.place.side();
        int event = eventOf(row.delivery);
        late.add(event);
        boolean isRetry = row.reason == Reason.FAILED;
        Attempt attempt = attempt(row);
        if (crashLater.contains(event)
                && handle(side, row.delivery, new Handling.Run(attempt, true, isRetry, over)) instanceof End.Crashed) {
            crashLater.remove(event);
            note(side, row.delivery, What.CRASHED, null);
        }
        End end = handle(side, row.delivery, new Handling.Run(attempt, false, isRetry, over));
        if (over != null && end instanceof End.Waits again && Handling.isOver(again.request(), over.timeout())) {
            // it was to proceed, and says in code that it can not: a failed execution that waits
            failsWaiting(row);
        }
        conclude(row.place, row.delivery, row, end, polls);
    }

    private End handle(Side side, int delivery, Handling.Run run) {
        return handling.run(side, function(side, delivery), envelope(delivery), run);
    }

    /** Takes note of how a run ended; a poll that finds nothing new is not worth a line. */
    private void conclude(Place place, int delivery, @Nullable Row before, End end, boolean polls) {
        Side side = place.side();
        switch (end) {
            case End.Done done -> {
                What handled = before == null || before.reason == Reason.PARKED
                        ? What.HANDLED
                        : before.isHandlersFailure() ? What.RETRIED : What.WOKEN;
                done(place, delivery, before, done.moved());
                note(side, delivery, done.stale() ? What.STALE : handled, null);
            }
            case End.Waits waits -> {
                Row row = before;
                if (row == null) {
                    row = row(place, delivery, provides(side, eventOf(delivery)));
                    lanes.add(row);
                }
                if (row.reason == Reason.PARKED) {
                    row.reason = Reason.WAITING;
                }
                boolean same = polls && waits.request().equals(row.request);
                lanes.await(row, waits.request(), provides(side, eventOf(delivery)), now);
                row.nextKey = waits.request().what() instanceof WaitFor.Next ? nextKey(row) : null;
                ran(row);
                if (!same) {
                    note(side, delivery, What.WAITING, new Handling.TooEarly(waits.request()));
                }
            }
            case End.Threw threw -> {
                Row row = before;
                if (row == null) {
                    // what it would bring is not kept, as nothing overtakes it that waits for that
                    row = row(place, delivery, List.of());
                    lanes.add(row);
                }
                fails(row);
                row.request = null;
                row.nextKey = null;
                row.failures++;
                row.retries = threw.worthARetry() && row.used < policy(row).maxRetries();
                ran(row);
                if (firstError == null) {
                    firstError = threw.error();
                }
                note(side, delivery, What.FAILED, threw.error());
            }
            case End.Crashed crashed -> throw new IllegalStateException("a crash (expected: a run that commits)");
        }
    }

    private void done(Place place, int delivery, @Nullable Row row, List<Advance> moved) {
        if (row != null) {
            lanes.remove(row);
        }
        progress++;
        progressAt = now;
        place.side().move(moved);
        lanes.wake(LaneKey.wakes(place.key(), envelope(delivery)));
    }

    /** A wait has lasted too long: a failed execution that is tried when what it waits for comes after all. */
    private void failsWaiting(Row row) {
        fails(row);
        row.failures++;
        RetryPolicy policy = policy(row);
        row.retries = policy.enabled() && row.used < policy.maxRetries();
    }

    private void fails(Row row) {
        if (row.reason != Reason.FAILED) {
            row.reason = Reason.FAILED;
            row.failedAt = positions.size() - 1;
        }
    }

    private void ran(Row row) {
        row.ranAt = progress;
        row.ranTime = now;
    }

    // ---- time -----------------------------------------------------------------------------------------------------

    /** Something that takes place when its time has come. */
    private record Timed(Duration due, Runnable act) {}

    /** Lets the time pass until something takes place; false if nothing does any more. */
    private boolean passTime() {
        Timed next = null;
        for (Row row : lanes.rows()) {
            next = sooner(next, retry(row));
            next = sooner(next, end(row));
        }
        Row tangled = lanes.tangled(this::isDone);
        if (tangled != null) {
            next = sooner(
                    next, new Timed(tangled.since.plus(UNTANGLED_AFTER), () -> lanes.untangle(tangled, this::isDone)));
        }
        if (next == null) {
            return false;
        }
        now = next.due().compareTo(now) > 0 ? next.due() : now;
        next.act().run();
        settle();
        return true;
    }

    private static @Nullable Timed sooner(@Nullable Timed one, @Nullable Timed other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return other.due().compareTo(one.due()) < 0 ? other : one;
    }

    /** The next try of a failed execution, and of what waits for something that may come without being told. */
    private @Nullable Timed retry(Row row) {
        if (row.triedAt == progress || !lanes.mayRun(row)) {
            return null;
        }
        WaitRequest request = row.request;
        Duration pause;
        if (request == null) {
            if (row.reason != Reason.FAILED || !row.retries || !retries) {
                return null;
            }
            spendRetries(row);
            if (!row.retries) {
                return null;
            }
            pause = policy(row).backoff(row.used, 0);
        } else if (request.what() instanceof WaitFor.Elapsed elapsed) {
            pause = elapsed.duration();
        } else if (request.what() instanceof WaitFor.Next && row.reason == Reason.WAITING) {
            pause = POLLED_AFTER;
        } else {
            return null;
        }
        return new Timed(row.ranTime.plus(pause), () -> {
            row.triedAt = progress;
            row.used += request == null ? 1 : 0;
            run(row, null, true);
        });
    }

    /** Counts the retries for nothing that were due before anything was done: they are not played. */
    private void spendRetries(Row row) {
        RetryPolicy policy = policy(row);
        Duration due = row.ranTime.plus(policy.backoff(row.used, 0));
        while (row.triedAt >= 0 && row.retries && due.compareTo(progressAt) < 0) {
            row.ranTime = due;
            row.used++;
            row.retries = row.used < policy.maxRetries();
            due = due.plus(policy.backoff(row.used, 0));
        }
    }

    /** The end of a wait. */
    private @Nullable Timed end(Row row) {
        WaitRequest request = row.request;
        if (request == null
                || row.reason != Reason.WAITING
                || !lanes.mayRun(row)
                || standsStill(
                        request.what() instanceof WaitFor.Version version
                                ? side(version.processor())
                                : row.place.side())) {
            return null;
        }
        return new Timed(row.since.plus(request.timeout()), () -> {
            if (request.onTimeout() == OnTimeout.PROCEED) {
                run(row, request, false);
            } else if (request.onTimeout() == OnTimeout.FAIL) {
                failsWaiting(row);
            } else {
                Side side = row.place.side();
                late.add(eventOf(row.delivery));
                done(
                        row.place,
                        row.delivery,
                        row,
                        Handling.skip(side, function(side, row.delivery), envelope(row.delivery)));
                note(side, row.delivery, What.SKIPPED, null);
            }
        });
    }

    /** Whether a processor has not passed all that came, so that nothing that it may still do is waited for in vain. */
    private boolean standsStill(@Nullable Side side) {
        return side != null && side.stops() && lanes.isStopped(side, positions.size() - 1);
    }

    // ---- events ---------------------------------------------------------------------------------------------------

    private int eventOf(int delivery) {
        return delivery % events.size();
    }

    private EventEnvelope envelope(int delivery) {
        return events.get(eventOf(delivery)).envelope();
    }

    private Row row(Place place, int delivery, List<StreamKey> provides) {
        return new Row(place, delivery, position(delivery), provides);
    }

    private int position(int delivery) {
        return Objects.requireNonNull(positions.get(delivery));
    }

    /** The lane of an event, or one of its own. */
    private Place place(Side side, int delivery) {
        String lane = side.laneOf(events.get(eventOf(delivery)), codec);
        return new Place(side, lane == null ? LaneKey.privateLane(position(delivery)) : lane);
    }

    private @Nullable String nextKey(Row row) {
        return LaneKey.isPrivate(row.place.key()) ? envelope(row.delivery).key() : row.place.key();
    }

    private FunctionDefinition function(Side side, int delivery) {
        return Objects.requireNonNull(side.function(envelope(delivery), node));
    }

    private List<StreamKey> provides(Side side, int event) {
        FunctionDefinition function = side.function(envelope(event), node);
        return function == null ? List.of() : function.causality().provides(envelope(event));
    }

    private RetryPolicy policy(Row row) {
        return function(row.place.side(), row.delivery).policy();
    }

    private Attempt first(Side side, int delivery) {
        return new Attempt(1, 0, 0, function(side, delivery).policy().maxRetries());
    }

    private Attempt attempt(Row row) {
        return row.failures == 0
                ? first(row.place.side(), row.delivery)
                : new Attempt(
                        row.failures + 1,
                        0,
                        row.used,
                        Math.max(row.used, policy(row).maxRetries()));
    }

    // ---- the trace ------------------------------------------------------------------------------------------------

    private void note(Side side, int delivery, What what, @Nullable Throwable error) {
        if (traced) {
            boolean again = delivery >= events.size() && (what == What.HANDLED || what == What.WOKEN);
            trace.add(new Delivered(
                    eventOf(delivery), side.name(), node, again ? What.HANDLED_AGAIN : what, stateText(), error));
        }
    }

    private String stateText() {
        return StateText.of(state.get());
    }
}

package io.amends.testkit.disorder;

import io.amends.core.causality.StreamKey;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The events of one history that are not done, by the engine's rules for lanes.
 *
 * <p>A row may run when every row before it in its lane lets others pass (it waits for whatever comes next), or when it is let
 * overtake and no handler before it failed. It is let overtake when something in the <em>same lane</em> waits for what it
 * brings, or when waits hold each other by way of other lanes. Once let overtake, always. An engine keeps the same in tables,
 * and the store in memory in maps; a test compares what becomes of random histories.
 */
final class HeldLanes {
    /** In the order of the log; rows of one event by processor. */
    private final List<Row> rows = new ArrayList<>();

    /** What a row is there for. */
    enum Reason {
        /** It stands behind another one. */
        PARKED,
        /** It came too early. */
        WAITING,
        /** Its handler failed, then or before it waited. */
        FAILED
    }

    /**
     * A lane.
     *
     * @param side the processor
     * @param key the lane's key
     */
    record Place(Side side, String key) {}

    /** An event that a processor has not done. */
    static final class Row {
        final Place place;
        final int delivery;
        private final long position;
        /** What others may wait for that it brings; nothing while its handler has failed at the first delivery. */
        private List<StreamKey> provides;

        /** When it began to wait, if it has. */
        Duration since = Duration.ZERO;

        Reason reason = Reason.PARKED;
        /** What it waits for, also after its handler failed; null if it does not. */
        @Nullable WaitRequest request;
        /** The key whose next event wakes it, if it waits for whatever comes next. */
        @Nullable String nextKey;

        private boolean overtakes;
        boolean woken;
        /** How often its handler failed, how many retries were used, and whether the schedule has one more. */
        int failures;

        int used;
        boolean retries;
        /** The last position that had come when its handler failed. */
        int failedAt;

        /** When it ran last, and how far the history was then and when time had it tried last; -1 for never. */
        Duration ranTime = Duration.ZERO;

        int ranAt = -1;
        int triedAt = -1;

        Row(Place place, int delivery, long position, List<StreamKey> provides) {
            this.place = place;
            this.delivery = delivery;
            this.position = position;
            this.provides = provides;
        }

        boolean isHandlersFailure() {
            return reason == Reason.FAILED && request == null;
        }

        private boolean letsPass() {
            return request != null && request.what() instanceof WaitFor.Next;
        }

        private WaitFor.@Nullable Version awaited() {
            return request != null && request.what() instanceof WaitFor.Version version ? version : null;
        }
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Those that are there, in the order of the log. */
    List<Row> rows() {
        return List.copyOf(rows);
    }

    /** Whether something holds the lane, so that what comes now is parked. */
    boolean isHeld(Place place) {
        return rows.stream().anyMatch(row -> row.place.equals(place));
    }

    /** Adds a row, parked. */
    void add(Row row) {
        row.overtakes =
                rows.stream().filter(other -> other.place.equals(row.place)).anyMatch(other -> isAwaitedBy(other, row));
        rows.add(row);
        rows.sort(Comparator.<Row>comparingLong(each -> each.position)
                .thenComparingInt(each -> each.place.side().number()));
    }

    void remove(Row row) {
        rows.remove(row);
    }

    /** Lets a row wait that brings something, and what it waits for overtake it in its lane. */
    void await(Row row, WaitRequest request, List<StreamKey> provides, Duration now) {
        if (row.request == null) {
            row.since = now;
        }
        row.request = request;
        row.provides = provides;
        row.woken = false;
        for (Row other : rows) {
            if (other.place.equals(row.place) && isAwaitedBy(row, other)) {
                other.overtakes = true;
            }
        }
    }

    /** Whether one waits for what the other brings, by their own processor. */
    private static boolean isAwaitedBy(Row waiting, Row row) {
        WaitFor.Version awaited = waiting.awaited();
        return awaited != null && brings(row, awaited);
    }

    private static boolean brings(Row row, WaitFor.Version awaited) {
        return awaited.processor().equals(row.place.side().name()) && row.provides.contains(awaited.entity());
    }

    /** Whether a processor has a failed execution since which something came, up to this position. */
    boolean isStopped(Side side, int last) {
        return rows.stream()
                .anyMatch(row -> row.place.side() == side && row.reason == Reason.FAILED && row.failedAt < last);
    }

    /** Whether nothing in its lane holds it up. */
    boolean mayRun(Row row) {
        boolean allLetPass = true;
        boolean anyFailed = false;
        for (Row before : rows) {
            if (before == row) {
                break;
            }
            if (before.place.equals(row.place)) {
                allLetPass &= before.letsPass();
                anyFailed |= before.isHandlersFailure();
            }
        }
        return allLetPass || (row.overtakes && !anyFailed);
    }

    /**
     * The first that may run without any time passing: released, or its wait is over; null if there is none. Attempts of failed
     * executions come after the others: they are prepared first.
     */
    @Nullable Row next(Predicate<WaitFor.Version> isDone, int progress) {
        Row attempt = null;
        for (Row row : rows) {
            // what asks for something that is done already is not better off before anything else is
            if (row.ranAt != progress && isReady(row, isDone) && mayRun(row)) {
                if (row.reason != Reason.FAILED) {
                    return row;
                }
                attempt = attempt == null ? row : attempt;
            }
        }
        return attempt;
    }

    private static boolean isReady(Row row, Predicate<WaitFor.Version> isDone) {
        return switch (row.reason) {
            case PARKED -> true;
            case WAITING -> isOver(row, isDone);
            case FAILED -> row.request != null && row.retries && isOver(row, isDone);
        };
    }

    private static boolean isOver(Row row, Predicate<WaitFor.Version> isDone) {
        WaitFor.Version awaited = row.awaited();
        return row.woken || (awaited != null && isDone.test(awaited));
    }

    /** An event with these keys is done: whoever waits for any next one is tried again. */
    void wake(Collection<String> keys) {
        for (Row row : rows) {
            if (row.nextKey != null && keys.contains(row.nextKey)) {
                row.woken = true;
            }
        }
    }

    // ---- waits that hold each other -------------------------------------------------------------------------------

    /** The first wait that holds up what it waits for by way of others, and that can be let go; null if there is none. */
    @Nullable Row tangled(Predicate<WaitFor.Version> isDone) {
        for (Row row : rows) {
            if (isOpen(row, isDone) && !heldUpBy(row, isDone).isEmpty()) {
                return row;
            }
        }
        return null;
    }

    /** Lets what a wait waits for overtake what holds it up. */
    void untangle(Row wait, Predicate<WaitFor.Version> isDone) {
        heldUpBy(wait, isDone).forEach(row -> row.overtakes = true);
    }

    /** What the wait waits for and holds up itself, by way of others. */
    private List<Row> heldUpBy(Row wait, Predicate<WaitFor.Version> isDone) {
        List<Row> found = new ArrayList<>();
        WaitFor.Version awaited = wait.awaited();
        for (Row row : rows) {
            if (awaited != null
                    && brings(row, awaited)
                    && !row.overtakes
                    && !row.isHandlersFailure()
                    && isReached(wait, holding(row, false, isDone), isDone)) {
                found.add(row);
            }
        }
        return found;
    }

    private boolean isReached(Row wait, List<Row> from, Predicate<WaitFor.Version> isDone) {
        Set<Row> reached = new HashSet<>();
        ArrayDeque<Row> next = new ArrayDeque<>(from);
        while (!next.isEmpty()) {
            Row one = next.remove();
            if (one == wait) {
                return true;
            }
            WaitFor.Version awaited = one.awaited();
            if (reached.add(one) && awaited != null && isOpen(one, isDone)) {
                rows.stream()
                        .filter(row -> brings(row, awaited))
                        .forEach(row -> next.addAll(holding(row, true, isDone)));
            }
        }
        return false;
    }

    /** The waits before a row in its lane that let nobody pass, and its own. */
    private List<Row> holding(Row row, boolean own, Predicate<WaitFor.Version> isDone) {
        List<Row> holding = new ArrayList<>();
        for (Row before : rows) {
            if (before == row) {
                break;
            }
            if (before.place.equals(row.place)
                    && before.request != null
                    && !isOver(before, isDone)
                    && !row.overtakes
                    && !before.letsPass()) {
                holding.add(before);
            }
        }
        if (own && row.request != null && !isOver(row, isDone)) {
            holding.add(row);
        }
        return holding;
    }

    private static boolean isOpen(Row row, Predicate<WaitFor.Version> isDone) {
        return row.awaited() != null && !isOver(row, isDone);
    }
}

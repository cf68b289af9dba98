package io.amends.testkit.disorder;

import io.amends.core.causality.StreamKey;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait, and those that stand behind them, as the engine keeps them: an event may run when everything
 * before it in its lane is done, or when it is awaited.
 */
final class WaitingLanes {
    private final Predicate<WaitFor.Version> isDone;
    private final List<Row> rows = new ArrayList<>();
    private final Set<Row> woken = new HashSet<>();
    private final Map<Integer, Integer> arrivals = new HashMap<>();

    /**
     * An event that is not done.
     *
     * @param lane its lane
     * @param event its number
     * @param provides what others may wait for that it brings
     * @param request what it waits for, null if it is parked
     */
    record Row(
            String lane,
            int event,
            List<StreamKey> provides,
            @Nullable WaitRequest request) {}

    WaitingLanes(Predicate<WaitFor.Version> isDone) {
        this.isDone = isDone;
    }

    /** Whether an event that comes now may run. */
    boolean mayRun(String lane, List<StreamKey> provides) {
        return rows.stream().noneMatch(row -> row.lane().equals(lane)) || isAwaited(lane, provides, rows.size());
    }

    void park(String lane, int event, List<StreamKey> provides) {
        add(new Row(lane, event, provides, null));
    }

    void await(String lane, int event, List<StreamKey> provides, WaitRequest request) {
        add(new Row(lane, event, provides, request));
    }

    /** One that waits once more keeps its place. */
    private void add(Row row) {
        arrivals.putIfAbsent(row.event(), arrivals.size());
        rows.add(row);
        rows.sort(Comparator.comparing(each -> arrivals.getOrDefault(each.event(), 0)));
    }

    /** An event of the lane is done: whoever waits for any next one is tried again. */
    void done(String lane) {
        for (Row row : rows) {
            if (row.lane().equals(lane)
                    && row.request() != null
                    && row.request().what() instanceof WaitFor.Next) {
                woken.add(row);
            }
        }
    }

    void remove(Row row) {
        rows.remove(row);
        woken.remove(row);
    }

    /** Takes out the first that may run now, null if there is none. */
    @Nullable Row takeRunnable() {
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            boolean first =
                    rows.subList(0, i).stream().noneMatch(other -> other.lane().equals(row.lane()));
            if (isReady(row) && (first || isAwaited(row.lane(), row.provides(), i))) {
                remove(row);
                return row;
            }
        }
        return null;
    }

    /** Those that wait, in order. */
    List<Row> waiting() {
        return rows.stream().filter(row -> row.request() != null).toList();
    }

    /** What one of them waits for, or null. */
    @Nullable WaitRequest anyRequest() {
        return waiting().stream().map(Row::request).findFirst().orElse(null);
    }

    /** The events that are not done. */
    List<Integer> all() {
        return rows.stream().map(Row::event).toList();
    }

    private boolean isReady(Row row) {
        WaitRequest request = row.request();
        if (request == null) {
            return true;
        }
        return switch (request.what()) {
            case WaitFor.Version version -> isDone.test(version);
            case WaitFor.Next next -> woken.contains(row);
            case WaitFor.Elapsed elapsed -> false;
        };
    }

    /** Whether somebody waits for what the event brings, or for whatever comes next in its lane. */
    private boolean isAwaited(String lane, List<StreamKey> provides, int before) {
        for (int i = 0; i < rows.size(); i++) {
            WaitRequest request = rows.get(i).request();
            boolean next = request != null
                    && request.what() instanceof WaitFor.Next
                    && i < before
                    && rows.get(i).lane().equals(lane);
            boolean awaited = request != null
                    && request.what() instanceof WaitFor.Version version
                    && provides.contains(version.entity());
            if (next || awaited) {
                return true;
            }
        }
        return false;
    }
}

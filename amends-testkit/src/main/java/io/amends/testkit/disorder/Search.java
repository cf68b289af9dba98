package io.amends.testkit.disorder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a history that ends elsewhere, and for the smallest of its kind.
 *
 * <p>Pure disorder comes first, then each fault in each order, so that a fault is blamed only when the order is not. The
 * search for the smallest keeps to the kind of fault that was found; it looks at each subset of the events, small ones
 * first, and compares a subset with that subset in order. A subset on which handlers throw in order is left out: it is
 * no story that could happen.
 */
final class Search {
    private final Player<?> player;
    private final Orders orders;
    private final Limits limits;
    private final SplittableRandom random;
    private final Map<String, Outcome> baselines = new HashMap<>();

    /**
     * How far to look.
     *
     * @param exhaustive up to how many events all orders are played
     * @param samples random orders beyond
     * @param seed decides which
     * @param processors how many processors there are
     * @param comingAgain the events that may come twice
     */
    record Limits(int exhaustive, int samples, long seed, int processors, Set<Integer> comingAgain) {}

    /**
     * A history that ends elsewhere.
     *
     * @param fault what goes wrong besides the order
     * @param order the order of the first deliveries
     * @param steps all deliveries
     */
    record Found(Fault fault, int[] order, List<Step> steps) {}

    Search(Player<?> player, Orders orders, Limits limits) {
        this.player = player;
        this.orders = orders;
        this.limits = limits;
        this.random = new SplittableRandom(limits.seed());
    }

    /** The orders of the whole events. */
    List<int[]> ordersOf(int events) {
        int[] inOrder = IntStream.range(0, events).toArray();
        return events <= limits.exhaustive() ? orders.all(inOrder) : orders.some(inOrder, limits.samples(), random);
    }

    /** The smallest history that ends elsewhere, or null if none of those played does. */
    @Nullable Found smallest(List<int[]> all, List<Fault> faults) {
        for (Fault fault : faults) {
            if (fault == Fault.LATE_CRASH && !player.ranLate()) {
                continue;
            }
            for (int[] order : all) {
                Found found = first(fault, order, order.length > limits.exhaustive());
                if (found != null) {
                    return shrink(found);
                }
            }
        }
        return null;
    }

    /** The first history of this order and fault that ends elsewhere; only one of them is tried if it is sampled. */
    private @Nullable Found first(Fault fault, int[] order, boolean sampled) {
        Outcome expected = baseline(order);
        if (expected.thrown()) {
            return null;
        }
        List<List<Step>> histories = fault.histories(order, limits.processors());
        if (fault == Fault.DUPLICATE) {
            histories = histories.stream()
                    .filter(steps -> steps.stream()
                            .filter(step -> step.kind() == Step.Kind.DUPLICATE)
                            .allMatch(step -> limits.comingAgain().contains(step.event())))
                    .toList();
        }
        if (fault == Fault.LATE_CRASH) {
            Set<Integer> late = player.play(straight(order)).late();
            histories = histories.stream()
                    .filter(steps -> late.contains(steps.get(0).event()))
                    .toList();
        }
        if (sampled && !histories.isEmpty()) {
            histories = List.of(histories.get(random.nextInt(histories.size())));
        }
        for (List<Step> steps : histories) {
            if (!player.play(steps).isAs(expected)) {
                return new Found(fault, order, steps);
            }
        }
        return null;
    }

    private Outcome baseline(int[] order) {
        int[] inOrder = order.clone();
        Arrays.sort(inOrder);
        return baselines.computeIfAbsent(Arrays.toString(inOrder), key -> player.play(straight(inOrder)));
    }

    /** The deliveries of an order with which nothing else goes wrong. */
    static List<Step> straight(int[] order) {
        return Fault.NONE.histories(order, 1).get(0);
    }

    private Found shrink(Found found) {
        Found small = dropEvents(found);
        int[] rest = small.order().clone();
        Arrays.sort(rest);
        if (rest.length > limits.exhaustive()) {
            return straighten(small);
        }
        for (int size = 1; size <= rest.length; size++) {
            Found least = leastOfSize(small.fault(), rest, size);
            if (least != null) {
                return least;
            }
        }
        return small;
    }

    /** The history with the fewest inversions of all subsets of this size. */
    private @Nullable Found leastOfSize(Fault fault, int[] events, int size) {
        Found least = null;
        for (int[] subset : Orders.subsets(events, size)) {
            for (int[] order : orders.all(subset)) {
                if (least != null && Orders.inversions(order) >= Orders.inversions(least.order())) {
                    break;
                }
                Found found = first(fault, order, false);
                if (found != null) {
                    least = found;
                    break;
                }
            }
        }
        return least;
    }

    /** Leaves out one event after the other, as long as it still ends elsewhere. */
    private Found dropEvents(Found found) {
        Found small = found;
        boolean smaller = small.order().length > limits.exhaustive();
        while (smaller) {
            smaller = false;
            for (int event : small.order()) {
                Found without = first(small.fault(), Orders.without(small.order(), event), false);
                if (without != null) {
                    small = without;
                    smaller = small.order().length > limits.exhaustive();
                    break;
                }
            }
        }
        return small;
    }

    /** Swaps neighbours back into order, as long as it still ends elsewhere. */
    private Found straighten(Found found) {
        Found small = found;
        boolean straighter = true;
        while (straighter) {
            straighter = false;
            for (int[] order : neighbours(small.order())) {
                Found swapped = first(small.fault(), order, false);
                if (swapped != null) {
                    small = swapped;
                    straighter = true;
                    break;
                }
            }
        }
        return small;
    }

    private List<int[]> neighbours(int[] order) {
        List<int[]> found = new ArrayList<>();
        for (int i = 0; i + 1 < order.length; i++) {
            if (order[i] > order[i + 1]) {
                found.add(Orders.move(order, i, i + 1));
            }
        }
        return found;
    }
}

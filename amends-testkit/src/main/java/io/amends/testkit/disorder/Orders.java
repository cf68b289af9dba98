package io.amends.testkit.disorder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The orders in which events may be delivered, given which are always before which. Deterministic; an order is an array
 * of event numbers, which are ascending in the order in which the events happened.
 */
final class Orders {
    private final List<TestEvent> events;

    Orders(List<TestEvent> events) {
        this.events = events;
    }

    /** Pairs that are delivered the other way round than they happened. */
    static int inversions(int[] order) {
        int count = 0;
        for (int i = 0; i < order.length; i++) {
            for (int j = i + 1; j < order.length; j++) {
                if (order[i] > order[j]) {
                    count++;
                }
            }
        }
        return count;
    }

    /** All orders of these events, those with the fewest inversions first. */
    List<int[]> all(int[] inOrder) {
        List<int[]> found = new ArrayList<>();
        extend(new int[inOrder.length], 0, inOrder, new boolean[inOrder.length], found);
        found.sort(Comparator.comparingInt(Orders::inversions));
        return found;
    }

    private void extend(int[] order, int length, int[] inOrder, boolean[] used, List<int[]> found) {
        if (length == order.length) {
            found.add(order.clone());
            return;
        }
        for (int next = 0; next < inOrder.length; next++) {
            if (isNextPossible(inOrder, used, next)) {
                used[next] = true;
                order[length] = inOrder[next];
                extend(order, length + 1, inOrder, used, found);
                used[next] = false;
            }
        }
    }

    /**
     * Some of the orders: the one that happened, each event moved to each other place, so that each pair is reversed at
     * least once, then random ones, from slightly to wholly disordered.
     */
    List<int[]> some(int[] inOrder, int samples, SplittableRandom random) {
        List<int[]> found = new ArrayList<>();
        found.add(inOrder);
        for (int from = 0; from < inOrder.length; from++) {
            for (int to = 0; to < inOrder.length; to++) {
                int[] moved = move(inOrder, from, to);
                // the neighbours' swap comes up from both sides
                if (from != to && from != to + 1 && isPossible(moved)) {
                    found.add(moved);
                }
            }
        }
        found.sort(Comparator.comparingInt(Orders::inversions));
        for (int i = 0; i < samples; i++) {
            found.add(sample(inOrder, random));
        }
        return found;
    }

    private int[] sample(int[] inOrder, SplittableRandom random) {
        double steadiness = random.nextInt(4) / 4.0;
        boolean[] used = new boolean[inOrder.length];
        int[] order = new int[inOrder.length];
        for (int length = 0; length < order.length; length++) {
            List<Integer> possible = new ArrayList<>();
            for (int next = 0; next < inOrder.length; next++) {
                if (isNextPossible(inOrder, used, next)) {
                    possible.add(next);
                }
            }
            int next = possible.get(random.nextDouble() < steadiness ? 0 : random.nextInt(possible.size()));
            used[next] = true;
            order[length] = inOrder[next];
        }
        return order;
    }

    /** Whether the order breaks no guarantee. */
    boolean isPossible(int[] order) {
        for (int i = 0; i < order.length; i++) {
            for (int j = i + 1; j < order.length; j++) {
                if (order[i] > order[j] && events.get(order[j]).isAlwaysBefore(events.get(order[i]))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isNextPossible(int[] inOrder, boolean[] used, int next) {
        if (used[next]) {
            return false;
        }
        for (int earlier = 0; earlier < next; earlier++) {
            if (!used[earlier] && events.get(inOrder[earlier]).isAlwaysBefore(events.get(inOrder[next]))) {
                return false;
            }
        }
        return true;
    }

    /** The order with one event at another place. */
    static int[] move(int[] order, int from, int to) {
        int[] moved = order.clone();
        int event = order[from];
        if (from < to) {
            System.arraycopy(order, from + 1, moved, from, to - from);
        } else {
            System.arraycopy(order, to, moved, to + 1, from - to);
        }
        moved[to] = event;
        return moved;
    }

    /** The order without one event. */
    static int[] without(int[] order, int event) {
        return Arrays.stream(order).filter(other -> other != event).toArray();
    }

    /** All subsets of this size, in lexicographic order. */
    static List<int[]> subsets(int[] inOrder, int size) {
        List<int[]> found = new ArrayList<>();
        choose(inOrder, 0, new int[size], 0, found);
        return found;
    }

    private static void choose(int[] inOrder, int from, int[] chosen, int length, List<int[]> found) {
        if (length == chosen.length) {
            found.add(chosen.clone());
            return;
        }
        for (int i = from; i <= inOrder.length - (chosen.length - length); i++) {
            chosen[length] = inOrder[i];
            choose(inOrder, i + 1, chosen, length + 1, found);
        }
    }
}

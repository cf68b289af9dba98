package io.amends.testkit.disorder;

import io.amends.testkit.disorder.Step.Kind;
import java.util.ArrayList;
import java.util.List;

/** What goes wrong in a history besides the order, at most once in each. */
enum Fault {
    /** Nothing. */
    NONE {
        @Override
        List<List<Step>> histories(int[] order) {
            return List.of(plain(order));
        }
    },
    /** The node dies after the handler ran and before it committed; the event is delivered again at once. */
    CRASH {
        @Override
        List<List<Step>> histories(int[] order) {
            List<List<Step>> all = new ArrayList<>();
            for (int at = 0; at < order.length; at++) {
                List<Step> steps = plain(order);
                steps.add(at, new Step(order[at], Kind.CRASHED));
                all.add(steps);
            }
            return all;
        }
    },
    /** A handler fails once for a passing reason, and later events of its key overtake it. */
    STEP_ASIDE {
        @Override
        List<List<Step>> histories(int[] order) {
            List<List<Step>> all = new ArrayList<>();
            for (int at = 0; at < order.length - 1; at++) {
                List<Step> steps = plain(order);
                steps.set(at, new Step(order[at], Kind.CRASHED));
                steps.add(new Step(order[at], Kind.HANDLED));
                all.add(steps);
            }
            return all;
        }
    },
    /** An event comes a second time, some time after the first. */
    DUPLICATE {
        @Override
        List<List<Step>> histories(int[] order) {
            List<List<Step>> all = new ArrayList<>();
            for (int at = 0; at < order.length; at++) {
                for (int again = at + 1; again <= order.length; again++) {
                    List<Step> steps = plain(order);
                    steps.add(again, new Step(order[at], Kind.DUPLICATE));
                    all.add(steps);
                }
            }
            return all;
        }
    };

    /** The histories of this order with the fault in each place. */
    abstract List<List<Step>> histories(int[] order);

    private static List<Step> plain(int[] order) {
        List<Step> steps = new ArrayList<>(order.length + 1);
        for (int event : order) {
            steps.add(new Step(event, Kind.HANDLED));
        }
        return steps;
    }
}

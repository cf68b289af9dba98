package io.amends.testkit.disorder;

import io.amends.testkit.disorder.Step.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** What goes wrong in a history besides the order, at most once in each. */
enum Fault {
    /** Nothing. */
    NONE {
        @Override
        List<List<Step>> histories(int[] order, int processors) {
            return List.of(plain(order));
        }
    },
    /** Processors go at paces of their own: one stops for a while, and goes on when the others have done everything. */
    APART {
        @Override
        List<List<Step>> histories(int[] order, int processors) {
            List<List<Step>> all = new ArrayList<>();
            if (processors > 1) {
                // in step, and the other way round than they are given
                all.add(steps(order, processors, processors, 0));
            }
            for (int behind = 0; processors > 1 && behind < processors; behind++) {
                for (int from = 0; from < order.length; from++) {
                    all.add(steps(order, processors, behind, from));
                }
            }
            return all;
        }
    },
    /** The node dies after the handler ran and before it committed; the event is delivered again at once. */
    CRASH {
        @Override
        List<List<Step>> histories(int[] order, int processors) {
            List<List<Step>> all = new ArrayList<>();
            for (int at = 0; at < order.length; at++) {
                List<Step> steps = plain(order);
                steps.add(at, new Step(order[at], Kind.CRASHED));
                all.add(steps);
            }
            return all;
        }
    },
    /** The same in a run that did not come at the delivery: of an event that wakes up, is released or retried. */
    LATE_CRASH {
        @Override
        List<List<Step>> histories(int[] order, int processors) {
            List<List<Step>> all = new ArrayList<>();
            for (int event : order) {
                List<Step> steps = plain(order);
                steps.add(0, new Step(event, Kind.CRASHES_LATER));
                all.add(steps);
            }
            return all;
        }
    },
    /** A handler fails once for a passing reason, and later events of its key overtake it. */
    STEP_ASIDE {
        @Override
        List<List<Step>> histories(int[] order, int processors) {
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
        List<List<Step>> histories(int[] order, int processors) {
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
    },
    /** Two nodes take part: the slots move from one to the other, and perhaps back. */
    TWO_NODES {
        @Override
        List<List<Step>> histories(int[] order, int processors) {
            List<List<Step>> all = new ArrayList<>();
            if (order.length > 2) {
                all.add(onNodes(order, at -> at % 2 == 1));
            }
            for (int only = 0; only < order.length; only++) {
                int other = only;
                all.add(onNodes(order, at -> at == other));
            }
            return all;
        }
    },
    /** A node dies after the handler ran and before it committed; the other node takes over what is left. */
    TAKE_OVER {
        @Override
        List<List<Step>> histories(int[] order, int processors) {
            List<List<Step>> all = new ArrayList<>();
            for (int at = 0; at < order.length; at++) {
                int dies = at;
                List<Step> steps = onNodes(order, each -> each >= dies);
                steps.add(at, new Step(order[at], Kind.CRASHED));
                all.add(steps);
            }
            return all;
        }
    };

    /** The histories of this order for so many processors, with the fault in each place. */
    abstract List<List<Step>> histories(int[] order, int processors);

    private static List<Step> onNodes(int[] order, IntPredicate isOnOther) {
        List<Step> steps = plain(order);
        for (int at = 0; at < order.length; at++) {
            steps.set(at, steps.get(at).on(isOnOther.test(at) ? 1 : 0));
        }
        return steps;
    }

    /** All processors in step, but for one which does nothing from an event on until the others have done all. */
    private static List<Step> steps(int[] order, int processors, int behind, int from) {
        List<Step> steps = new ArrayList<>();
        List<Step> later = new ArrayList<>();
        for (int at = 0; at < order.length; at++) {
            for (int processor = processors - 1; processor >= 0; processor--) {
                Step step = new Step(order[at], Kind.HANDLED).only(processor);
                (processor == behind && at >= from ? later : steps).add(step);
            }
        }
        steps.addAll(later);
        return steps;
    }

    private static List<Step> plain(int[] order) {
        List<Step> steps = new ArrayList<>(order.length + 1);
        for (int event : order) {
            steps.add(new Step(event, Kind.HANDLED));
        }
        return steps;
    }
}

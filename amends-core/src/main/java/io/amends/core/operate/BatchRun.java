package io.amends.core.operate;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the node that runs a batch decides from its numbers: when a canary has passed, when to pause, when it is done, and
 * how many items may begin. Remembers the pace and the last outcomes only; another node begins with neither.
 */
final class BatchRun {
    /** Outcomes that the rule looks at, and the least that it needs. */
    static final int WINDOW = 50;

    static final int LEAST = 10;

    /** What is not used of the pace is kept for so long, so that a slow step does not slow the batch. */
    private static final Duration BURST = Duration.ofSeconds(1);

    private final Deque<Boolean> failed = new ArrayDeque<>();
    private double allowance;
    private long since;

    BatchRun(long nanos) {
        since = nanos;
    }

    /** Items got these outcomes. */
    void settled(List<Batch.ItemState> outcomes) {
        for (Batch.ItemState outcome : outcomes) {
            if (outcome == Batch.ItemState.HANDLED || outcome == Batch.ItemState.FAILED_AGAIN) {
                failed.addLast(outcome == Batch.ItemState.FAILED_AGAIN);
                if (failed.size() > WINDOW) {
                    failed.removeFirst();
                }
            }
        }
    }

    /** It went on after a pause: what was before says nothing any more. */
    void forget() {
        failed.clear();
    }

    /**
     * What to make of the batch: the same one if it just goes on.
     *
     * <p>A canary of which nothing ran, because every item was skipped, says nothing: another one is made of the items
     * behind it.
     *
     * @param canary the items of the canary; asked for only when it has ended
     */
    Batch next(Batch batch, Supplier<List<Batch.Item>> canary) {
        Batch.Numbers numbers = batch.numbers();
        if (numbers.waiting() == 0 && numbers.running() == 0 && batch.state() != Batch.State.CANCELLED) {
            return batch.in(Batch.State.DONE, batch.stopped());
        }
        return switch (batch.state()) {
            case CANARY -> canary(batch, canary);
            case RUNNING -> running(batch);
            case PLANNED, PAUSED, CANCELLED, DONE -> batch;
        };
    }

    private static Batch canary(Batch batch, Supplier<List<Batch.Item>> canary) {
        Batch.Numbers numbers = batch.numbers();
        if (numbers.running() > 0
                || numbers.begun() - batch.canaryFrom() < batch.pace().canary()) {
            return batch;
        }
        List<Batch.Item> items = canary.get();
        long bad = items.stream()
                .filter(item -> item.state() == Batch.ItemState.FAILED_AGAIN)
                .count();
        long all = bad
                + items.stream()
                        .filter(item -> item.state() == Batch.ItemState.HANDLED)
                        .count();
        if (all == 0 && batch.pace().canary() > 0) {
            return batch.with(Batch.State.CANARY, null, batch.pace(), numbers.begun(), false);
        }
        if ((all - bad) * 100 >= batch.pace().canaryPercent() * all) {
            return batch.with(Batch.State.RUNNING, null, batch.pace(), batch.canaryFrom(), true);
        }
        return batch.in(Batch.State.PAUSED, Batch.Stop.byRule(Batch.StopCode.CANARY_FAILED, bad, all));
    }

    private Batch running(Batch batch) {
        long bad = failed.stream().filter(one -> one).count();
        if (failed.size() < LEAST || bad * 100 <= (long) batch.pace().pausePercent() * failed.size()) {
            return batch;
        }
        return batch.in(Batch.State.PAUSED, Batch.Stop.byRule(Batch.StopCode.TOO_MANY_FAILED, bad, failed.size()));
    }

    /** How many items may begin now. */
    int mayBegin(Batch batch, long nanos) {
        Batch.Pace pace = batch.pace();
        allowance = Math.min(
                Math.max(1, pace.perSecond() * (double) BURST.toSeconds()),
                allowance + pace.perSecond() * (nanos - since) / 1e9);
        since = nanos;
        Batch.Numbers numbers = batch.numbers();
        int most = switch (batch.state()) {
            case CANARY -> (int) Math.max(0, batch.pace().canary() - (numbers.begun() - batch.canaryFrom()));
            case RUNNING -> numbers.waiting();
            case PLANNED, PAUSED, CANCELLED, DONE -> 0;
        };
        int begin = Math.min(Math.min(most, numbers.waiting()), pace.inFlight() - numbers.running());
        begin = Math.max(0, Math.min(begin, (int) allowance));
        allowance -= begin;
        return begin;
    }
}

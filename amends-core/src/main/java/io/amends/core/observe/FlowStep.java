package io.amends.core.observe;

import io.amends.core.flow.FlowDelta;
import io.amends.core.step.Conductor;
import io.amends.core.step.Step;
import io.amends.core.store.Store;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes every few seconds what a node counted, in one statement however much flowed, and what waits.
 *
 * <p>Counts that could not be written are kept with the time they were made at, and written as soon as the database is
 * back: into the minutes in which they happened. A lost reply is answered by writing the same batch again, which the store
 * adds once. A node that dies loses what it counted since the last time.
 */
public final class FlowStep implements Step {
    /** How often counts are written. */
    public static final Duration PACE = Duration.ofSeconds(5);
    /** Batches that are kept while the database is away: ten minutes of them, in which nothing was handled. */
    private static final int MOST_UNWRITTEN = 120;

    private static final Logger LOG = LoggerFactory.getLogger(FlowStep.class);

    private final Store store;
    private final String nodeId;
    private final FlowCounter counter;
    private final Conductor conductor;
    private final Duration keepPassed;
    private final AtomicBoolean writing = new AtomicBoolean();
    private final ArrayDeque<Batch> unwritten = new ArrayDeque<>();
    private long batches;

    /**
     * Counts of some seconds.
     *
     * @param number the node's own numbering
     * @param madeAt in the conductor's nanoseconds
     * @param counted what
     */
    private record Batch(long number, long madeAt, List<FlowCounter.Counted> counted) {}

    /** Creates it; {@code keepPassed} is how long the log is kept. */
    public FlowStep(Store store, String nodeId, FlowCounter counter, Conductor conductor, Duration keepPassed) {
        this.store = store;
        this.nodeId = nodeId;
        this.counter = counter;
        this.conductor = conductor;
        this.keepPassed = keepPassed;
    }

    @Override
    public Next run() {
        write();
        store.sampleFlow(PACE, keepPassed);
        return Next.after(PACE);
    }

    /** Writes what was counted up to now, unless somebody is about it. */
    public void write() {
        if (!writing.compareAndSet(false, true)) {
            return;
        }
        try {
            List<FlowCounter.Counted> counted = counter.take();
            if (!counted.isEmpty()) {
                if (unwritten.size() == MOST_UNWRITTEN) {
                    LOG.warn("the flow of some seconds is not written: the database was away for too long");
                    unwritten.remove();
                }
                unwritten.add(new Batch(++batches, conductor.nanos(), counted));
            }
            while (!unwritten.isEmpty()) {
                Batch first = unwritten.getFirst();
                Duration age = Duration.ofNanos(conductor.nanos() - first.madeAt());
                List<FlowDelta> deltas =
                        first.counted().stream().map(one -> one.aged(age)).toList();
                store.addFlow(nodeId, first.number(), deltas);
                unwritten.remove();
            }
        } finally {
            writing.set(false);
        }
    }
}

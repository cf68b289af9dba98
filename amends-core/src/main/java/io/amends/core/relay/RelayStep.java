package io.amends.core.relay;

import io.amends.core.observe.EngineListener;
import io.amends.core.step.Conductor;
import io.amends.core.step.Step;
import io.amends.core.store.RelayResult;
import io.amends.core.store.Signal;
import io.amends.core.store.Store;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves events from the outbox into the inbox, on any node, one batch a step.
 *
 * <p>Pace: at once when idle, since then latency counts; {@link #SPACING} apart under load, since then fuller batches
 * count. A node that finds the head locked comes back soon and not only when signalled: the relay that holds it may have
 * read before this node's commit.
 */
public final class RelayStep implements Step {
    /** The pause between batches under load. */
    static final Duration SPACING = Duration.ofMillis(3);
    /** The pause after another node was found at work. */
    static final Duration AFTER_BUSY = Duration.ofMillis(5);
    /** A batch of this size is load. */
    private static final int LOAD = 4;

    private static final Logger LOG = LoggerFactory.getLogger(RelayStep.class);

    private final Store store;
    private final int batch;
    private final Duration idlePoll;
    private final EngineListener listener;
    private final Conductor conductor;
    private final Runnable onMoved;

    /** Creates it; {@code onMoved} wakes this node's reader. */
    public RelayStep(
            Store store, int batch, Duration idlePoll, EngineListener listener, Conductor conductor, Runnable onMoved) {
        this.store = store;
        this.batch = batch;
        this.idlePoll = idlePoll;
        this.listener = listener;
        this.conductor = conductor;
        this.onMoved = onMoved;
    }

    @Override
    public Next run() {
        long began = conductor.nanos();
        RelayResult result = store.relay(batch);
        if (result.busy()) {
            return Next.between(AFTER_BUSY, AFTER_BUSY);
        }
        if (result.rejected() > 0) {
            LOG.error("{} published events can not enter the inbox; they are in the rejected table", result.rejected());
        }
        if (result.moved() + result.duplicates() + result.rejected() == 0) {
            return Next.after(idlePoll);
        }
        listener.relayed(result.moved(), result.duplicates(), result.rejected());
        listener.leftOutbox(Duration.ofNanos(conductor.nanos() - began), result.waited());
        if (result.moved() > 0) {
            onMoved.run();
            store.signal(Signal.INBOX);
        }
        if (result.more()) {
            return Next.AGAIN;
        }
        return result.moved() >= LOAD ? Next.between(SPACING, SPACING) : Next.after(idlePoll);
    }
}

package io.amends.core.compensate;

import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.LocalProcessor;
import io.amends.core.own.OwnedSlots;
import io.amends.core.step.Step;
import io.amends.core.store.Untangled;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then, while something of a processor waits, whether waits hold each other across lanes, and for waits that
 * nobody has told of their end: nothing else would ever tell. A few at a time, since what wakes meanwhile shares the
 * database with it.
 *
 * <p>Where nothing has waited for long the tables were empty, and the database may not know yet that they are not: it is
 * told first.
 */
public final class UntangleStep implements Step {
    private static final Duration PACE = Duration.ofMillis(125);
    /** Waits looked at in one step. */
    private static final int LOOKED_AT = 50;
    /** So many steps look at waits for each one that looks at the tables. */
    private static final int ROUND = 4;

    private static final Logger LOG = LoggerFactory.getLogger(UntangleStep.class);

    private final HandlerEnvironment env;
    private final LocalProcessor processor;
    private final OwnedSlots slots;
    private final Duration idlePoll;
    private final Runnable released;
    private int round;

    /** Creates it for a processor; {@code released} is called when lanes may have something to run. */
    public UntangleStep(
            HandlerEnvironment env, LocalProcessor processor, OwnedSlots slots, Duration idlePoll, Runnable released) {
        this.env = env;
        this.processor = processor;
        this.slots = slots;
        this.idlePoll = idlePoll;
        this.released = released;
    }

    @Override
    public Next run() {
        if (processor.isHalted()
                || !processor.hasWaits()
                || slots.claims(processor).isEmpty()) {
            return Next.after(idlePoll);
        }
        String name = processor.definition().name();
        if (round++ % ROUND == 0) {
            env.store().noticeGrowth();
        }
        wakeForgotten(name); // first: who looks for tangles says when each is looked at again
        for (Untangled one : env.store().untangle(name, LOOKED_AT)) {
            LOG.warn(
                    "processor {}: waits hold each other across lanes; the event at {} overtakes in lane {}",
                    one.processor(),
                    one.position(),
                    one.laneKey());
            env.listener().untangled(one.processor());
            released.run();
        }
        return Next.after(PACE);
    }

    private void wakeForgotten(String name) {
        int forgotten = env.store().wakeForgotten(name, LOOKED_AT);
        if (forgotten > 0) {
            LOG.error("processor {}: {} waits had not been told that what they wait for is done", name, forgotten);
            env.listener().foundForgotten(name, forgotten);
            released.run();
        }
    }
}

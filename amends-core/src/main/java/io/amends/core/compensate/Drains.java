package io.amends.core.compensate;

import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.LaneDrain;
import io.amends.core.handle.SlotRunner;
import io.amends.core.store.StoreUnavailableException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Runs released lanes beside their slots, each lane by one task at a time. */
public final class Drains {
    /** Events of one lane in a row before other work of the processor gets its turn. */
    private static final int BURST = 16;

    private final HandlerEnvironment env;
    private final SlotRunner.Neighbours neighbours;
    private final Set<String> running = new ConcurrentSkipListSet<>();

    /** Creates it. */
    public Drains(HandlerEnvironment env, SlotRunner.Neighbours neighbours) {
        this.env = env;
        this.neighbours = neighbours;
    }

    /** Runs the lane's parked events as far as they may run; does nothing if that is under way. */
    public void start(SlotRunner slot, String lane) {
        String name = slot.processor().definition().name() + "\n" + lane;
        if (running.add(name)) {
            submit(slot, lane, name);
        }
    }

    private void submit(SlotRunner slot, String lane, String name) {
        env.conductor().submit("lane " + lane, slot.processor().group(), () -> drain(slot, lane, name));
    }

    private void drain(SlotRunner slot, String lane, String name) {
        boolean more = true;
        try {
            LaneDrain drain = new LaneDrain(env, slot, neighbours, lane);
            for (int i = 0; i < BURST && more; i++) {
                more = drain.runNext();
            }
        } catch (StoreUnavailableException e) {
            more = false;
            slot.distrust();
        } catch (RuntimeException | Error e) {
            running.remove(name);
            throw e;
        }
        if (more) {
            submit(slot, lane, name);
        } else {
            running.remove(name);
        }
    }
}

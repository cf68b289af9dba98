package io.amends.core.compensate;

import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.LaneDrain;
import io.amends.core.handle.SlotRunner;
import io.amends.core.store.StoreUnavailableException;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Runs released lanes beside their slots, each lane by one task at a time. */
public final class Drains {
    /** Events of one lane in a row before other work of the processor gets its turn. */
    private static final int BURST = 16;

    private final HandlerEnvironment env;
    private final SlotRunner.Neighbours neighbours;
    private final ConcurrentMap<String, Drain> running = new ConcurrentSkipListMap<>();

    /** Creates it. */
    public Drains(HandlerEnvironment env, SlotRunner.Neighbours neighbours) {
        this.env = env;
        this.neighbours = neighbours;
    }

    /** Runs the lane's parked events as far as they may run; does nothing if that is under way. */
    public void start(SlotRunner slot, String lane) {
        Drain drain = new Drain(slot, lane);
        if (running.putIfAbsent(drain.name, drain) == null) {
            drain.submit();
        }
    }

    /** The task that runs a lane, until it ends or is abandoned in a run that never comes back. */
    private final class Drain {
        private final SlotRunner slot;
        private final String lane;
        private final String name;
        private final LaneDrain events;

        Drain(SlotRunner slot, String lane) {
            this.slot = slot;
            this.lane = lane;
            this.name = slot.processor().definition().name() + "\n" + lane;
            this.events = new LaneDrain(env, slot, neighbours, lane, this::end);
        }

        void submit() {
            env.conductor().submit("lane " + lane, slot.processor().group(), this::run);
        }

        private void run() {
            boolean more = true;
            try {
                for (int i = 0; i < BURST && more; i++) {
                    more = events.runNext();
                }
            } catch (StoreUnavailableException e) {
                more = false;
                slot.distrust();
            } catch (RuntimeException | Error e) {
                end();
                throw e;
            }
            if (more) {
                submit();
            } else {
                end();
            }
        }

        private void end() {
            running.remove(name, this);
        }
    }
}

package io.amends.testkit.memory;

import io.amends.core.causality.WaitFor;
import io.amends.core.operate.OperatorStore;
import io.amends.core.store.Store;
import io.amends.testkit.store.StoreHarness;
import io.amends.testkit.time.VirtualClock;
import java.io.Serial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs the contract suite and the model test on {@link InMemoryStore}: one store for all nodes, and a table of effects. */
public final class InMemoryStoreHarness implements StoreHarness {
    private final VirtualClock clock = new VirtualClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final Table<String, Integer> effects = store.database().table("effect");

    /** Creates one over an empty database. */
    public InMemoryStoreHarness() {}

    @Override
    public Store store() {
        return store;
    }

    @Override
    public OperatorStore operatorStore() {
        return new InMemoryOperatorStore(store);
    }

    @Override
    public Store otherNode() {
        return store;
    }

    @Override
    public void advance(Duration duration) {
        clock.advance(duration);
    }

    @Override
    public void forgetWakeUps() {
        store.database().locked(() -> {
            store.state()
                    .waits
                    .replaceAll((id, wait) -> wait.request().what() instanceof WaitFor.Version ? wait.due(null) : wait);
            return true;
        });
    }

    @Override
    public void writeEffect(String name) {
        effects.update(name, times -> times == null ? 1 : times + 1);
    }

    @Override
    public List<String> effects() {
        List<String> names = new ArrayList<>();
        effects.rows().forEach((name, times) -> {
            for (int i = 0; i < times; i++) {
                names.add(name);
            }
        });
        names.sort(null);
        return names;
    }

    @Override
    public void failAtCommit() {
        effects.update("broken", times -> {
            throw new IllegalStateException("deferred constraint");
        });
    }

    @Override
    public void inCallerTransaction(Runnable work) {
        store.database().inTransaction(() -> {
            work.run();
            return true;
        });
    }

    @Override
    public void rolledBackToSavepoint(Runnable work) {
        try {
            store.database().inSavepoint(() -> {
                work.run();
                throw new BackToSavepoint();
            });
        } catch (BackToSavepoint expected) {
            // that is how the work was rolled back; the transaction goes on
            return;
        }
    }

    private static final class BackToSavepoint extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void whileHeadIsHeld(Runnable work) {
        store.whileHeadIsHeld(work);
    }

    @Override
    public long rejected() {
        return store.rejected().size();
    }

    @Override
    public void close() {
        // nothing outlives the test
    }
}

package io.amends.testkit.memory;

import io.amends.core.store.Store;
import io.amends.testkit.store.StoreHarness;
import io.amends.testkit.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One store for all nodes, and a table of effects with how often each was written. */
final class InMemoryStoreHarness implements StoreHarness {
    private final VirtualClock clock = new VirtualClock();
    private final InMemoryStore store = new InMemoryStore(clock);
    private final Table<String, Integer> effects = store.database().table("effect");

    @Override
    public Store store() {
        return store;
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
        RuntimeException back = new IllegalStateException("back to the savepoint");
        try {
            store.database().inSavepoint(() -> {
                work.run();
                throw back;
            });
        } catch (IllegalStateException e) {
            if (e != back) {
                throw e;
            }
        }
    }

    @Override
    public void whileHeadIsHeld(Runnable work) {
        try (AutoCloseable held = store.holdHead()) {
            work.run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
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

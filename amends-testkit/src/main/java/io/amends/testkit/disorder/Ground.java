package io.amends.testkit.disorder;

import io.amends.api.EventPublisher;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Where the transactions of one history run. */
interface Ground {
    /** Runs the work in a transaction; rolls back what throws. */
    <T> T inTransaction(Supplier<T> work);

    /** What takes the events that handlers return. */
    EventPublisher publisher();

    /** The memory of a sandbox. */
    record InMemory(Sandbox sandbox) implements Ground {
        @Override
        public <T> T inTransaction(Supplier<T> work) {
            return sandbox.database().inTransaction(work);
        }

        @Override
        public EventPublisher publisher() {
            return sandbox.publisher();
        }
    }

    /** A real database. */
    record Real(HistoryDatabase database) implements Ground {
        @Override
        public <T> T inTransaction(Supplier<T> work) {
            AtomicReference<Optional<T>> result = new AtomicReference<>(Optional.empty());
            database.inTransaction(() -> result.set(Optional.of(work.get())));
            return result.get()
                    .orElseThrow(() -> new IllegalStateException(
                            "transaction: the work was not run (expected: inTransaction runs it on this thread)"));
        }

        @Override
        public EventPublisher publisher() {
            return database.publisher();
        }
    }
}

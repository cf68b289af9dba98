package io.amends.testkit.store;

import io.amends.core.operate.OperatorStore;
import io.amends.core.store.Store;
import java.time.Duration;
import java.util.List;

/**
 * What the contract suite needs of a store under test besides its verbs: an empty database, time, and an application
 * that works in the same database. One harness serves one test.
 */
public interface StoreHarness extends AutoCloseable {

    /** The store over an empty database, as one node uses it; always the same. */
    Store store();

    /** What operators ask of the same database. */
    OperatorStore operatorStore();

    /** The store over the same database as another node uses it, with connections of its own. */
    Store otherNode();

    /**
     * Lets time pass for the database: leases, due times, ages. Where its clock can not be moved, makes every stored time
     * that much older.
     */
    void advance(Duration duration);

    /** Takes back that waits were woken, as a restored backup might. */
    void forgetWakeUps();

    /** Writes an application's row in the transaction that {@link #store} gave the calling thread; names need not be unique. */
    void writeEffect(String name);

    /** The application's committed rows, sorted by name. */
    List<String> effects();

    /** Makes the transaction that {@link #store} gave the calling thread fail in its commit, as a deferred constraint does. */
    void failAtCommit();

    /** Runs the work in a transaction of the application, which the store's publisher joins; rolls back what throws. */
    void inCallerTransaction(Runnable work);

    /** Runs the work in the calling thread's transaction and rolls back to a savepoint before it. */
    void rolledBackToSavepoint(Runnable work);

    /** Runs the work while another node's relay holds the head. */
    void whileHeadIsHeld(Runnable work);

    /** How many events are kept in the rejected table. */
    long rejected();

    @Override
    void close();
}

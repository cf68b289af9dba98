package io.amends.testkit.store;

import org.junit.jupiter.api.Nested;

/**
 * Defines a {@link io.amends.core.store.Store}: an implementation keeps its contract if a subclass passes.
 *
 * <p>One nested class per stage of an event's way, each test over a database of its own.
 */
public abstract class StoreContract {

    /** Opens the store under test over an empty database. */
    protected abstract StoreHarness newHarness();

    /** Publishing into the caller's transaction. */
    @Nested
    public class Publishing extends PublishContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Moving the outbox into the inbox. */
    @Nested
    public class Relaying extends RelayContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Events that come through a door. */
    @Nested
    public class Appending extends AppendContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Reading the inbox, carrying cursors, and retention. */
    @Nested
    public class Reading extends ReadContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** The transaction that a handler runs in. */
    @Nested
    public class Handling extends HandlerTransactionContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Streams of versions that events move. */
    @Nested
    public class Advancing extends StreamContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Events that wait for what they depend on. */
    @Nested
    public class Waiting extends WaitContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Recording failures, parking, and releasing lanes. */
    @Nested
    public class Failing extends FailureContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Changing records by decisions. */
    @Nested
    public class Deciding extends ChangeContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Giving lanes to other processors. */
    @Nested
    public class Moving extends MoveContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Claiming records that are due. */
    @Nested
    public class Compensating extends DueContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Nodes, leases, slots and fences. */
    @Nested
    public class Owning extends OwnershipContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Lists, gauges, pauses, pruning and signals. */
    @Nested
    public class Operating extends OperateContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** What operators look for and count. */
    @Nested
    public class Searching extends SearchContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** What operators did. */
    @Nested
    public class Auditing extends AuditContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Causes, lanes and nodes, as operators see them. */
    @Nested
    public class Grouping extends GroupContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** What operators see who may know of some processors only. */
    @Nested
    public class Scoping extends ScopeContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** One command on many failed executions. */
    @Nested
    public class Batching extends BatchContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Attempts of several failed executions in one transaction. */
    @Nested
    public class Sharing extends SharedAttemptContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }

    /** Numbers of what flows. */
    @Nested
    public class Flowing extends FlowContract {
        @Override
        StoreHarness newHarness() {
            return StoreContract.this.newHarness();
        }
    }
}

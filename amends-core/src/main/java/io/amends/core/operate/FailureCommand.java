package io.amends.core.operate;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.core.failure.RetryPolicyChange;
import org.jspecify.annotations.Nullable;

/** What a person or a program commands about a failed execution. */
public sealed interface FailureCommand {

    /** The command's name in history, audit and API. */
    String name();

    /**
     * Makes it due now.
     *
     * @param force also past its limit and against its mark
     */
    record Prepare(boolean force) implements FailureCommand {
        @Override
        public String name() {
            return force ? "force-prepare" : "prepare";
        }
    }

    /**
     * Changes its retry policy, and with it its next retry time.
     *
     * @param change the values to change; the record keeps the others
     */
    record ApplyRetrySpec(RetryPolicyChange change) implements FailureCommand {
        @Override
        public String name() {
            return "retry-spec";
        }
    }

    /**
     * Marks it; the mark survives later failures.
     *
     * @param mark whether a retry is worth it
     */
    record Mark(Recoverability mark) implements FailureCommand {
        @Override
        public String name() {
            return "recoverable";
        }
    }

    /**
     * Lets another function take it. One of another processor takes its whole lane.
     *
     * @param function the function's name
     * @param processor the other processor, null for its own
     */
    record Redirect(String function, @Nullable String processor) implements FailureCommand {
        /** A function of its own processor. */
        public Redirect(String function) {
            this(function, null);
        }

        @Override
        public String name() {
            return "function";
        }
    }

    /** Declares it dealt with; needs a reason. */
    record Skip(OnTimeout dependents) implements FailureCommand {
        /** What waits for it runs. */
        public Skip() {
            this(OnTimeout.PROCEED);
        }

        @Override
        public String name() {
            return "skip";
        }
    }
}

package io.amends.jdbc;

import io.amends.core.store.HandlerWork;
import io.amends.core.store.TransactionResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs handlers in transactions that they share with the store, and tells how each ended. */
final class HandlerTransactions {
    private final JdbcTransactions transactions;
    private final CallerPublishing publishing;
    private final CursorTable cursors;
    private final LaneTable lanes;
    private final ProgressTable progress;
    private final WaitTable waits;
    private final Decisions decisions;
    private final Consumer<Woken> afterWaking;
    private final PhysicalConnections physical = new PhysicalConnections();

    HandlerTransactions(
            JdbcTransactions transactions,
            CallerPublishing publishing,
            CursorTable cursors,
            LaneTable lanes,
            ProgressTable progress,
            WaitTable waits,
            Decisions decisions,
            Consumer<Woken> afterWaking) {
        this.transactions = transactions;
        this.publishing = publishing;
        this.cursors = cursors;
        this.lanes = lanes;
        this.progress = progress;
        this.waits = waits;
        this.decisions = decisions;
        this.afterWaking = afterWaking;
    }

    <T> TransactionResult<T> run(Duration timeout, HandlerWork<T> work) {
        Run<T> run = new Run<>(timeout, work);
        try {
            transactions.inNew(run);
        } catch (Throwable error) {
            return run.failed(error);
        }
        run.committed.run();
        HandlerWork.Verdict<T> verdict = run.verdict;
        if (verdict == null) {
            throw new IllegalStateException("inNew: returned without running its body");
        }
        return verdict.commit()
                ? new TransactionResult.Committed<>(verdict.value())
                : new TransactionResult.RolledBack<>(verdict.value());
    }

    /** One run; what it saw decides what a failure means. */
    private final class Run<T> implements JdbcTransactions.Body {
        private final Duration timeout;
        private final HandlerWork<T> work;
        private HandlerWork.@Nullable Verdict<T> verdict;
        private @Nullable Throwable thrown;
        private boolean broken;
        private Runnable committed = () -> {};

        Run(Duration timeout, HandlerWork<T> work) {
            this.timeout = timeout;
            this.work = work;
        }

        @Override
        public boolean run(JdbcTransaction transaction) throws Throwable {
            Connection connection = transaction.connection();
            PostgresHandlerTransaction handler =
                    new PostgresHandlerTransaction(transaction, publishing, cursors, lanes, progress, waits, decisions);
            try {
                Runnable remember = physical.limitIdle(connection, timeout);
                HandlerWork.Verdict<T> result = work.run(handler);
                if (result.commit()) {
                    handler.requireFinished();
                    committed = () -> {
                        remember.run();
                        afterWaking.accept(handler.woken());
                    };
                }
                verdict = result;
                return result.commit();
            } catch (Throwable error) {
                thrown = error;
                broken = handler.wasAborted() || isBroken(connection, error);
                throw error;
            } finally {
                handler.end();
            }
        }

        TransactionResult<T> failed(Throwable error) {
            Throwable cause = thrown;
            if (cause == null) {
                // from the begin or the commit, and so about the store's own connection
                return SqlStates.isUnavailable(error)
                        ? new TransactionResult.ConnectionLost<>(error)
                        : new TransactionResult.Threw<>(error, SqlStates.isSerialization(error));
            }
            return broken
                    ? new TransactionResult.ConnectionLost<>(cause)
                    : new TransactionResult.Threw<>(cause, SqlStates.isSerialization(cause));
        }
    }

    /**
     * Whether the transaction's own connection is gone. An error that speaks of a lost connection may be about another
     * database that the handler uses, so the connection is asked; other errors leave it as it says itself.
     */
    private static boolean isBroken(Connection connection, Throwable error) {
        try {
            return connection.isClosed() || (SqlStates.isUnavailable(error) && !connection.isValid(2));
        } catch (SQLException e) {
            return true;
        }
    }
}

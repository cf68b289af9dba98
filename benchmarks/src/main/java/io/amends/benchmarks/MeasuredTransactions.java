package io.amends.benchmarks;

import io.amends.jdbc.JdbcTransaction;
import io.amends.jdbc.JdbcTransactions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Notes the events that a transaction handled after its COMMIT has returned. */
final class MeasuredTransactions implements JdbcTransactions {
    private final JdbcTransactions transactions;
    private final Meter meter;
    private final ThreadLocal<List<Long>> handling = ThreadLocal.withInitial(ArrayList::new);

    MeasuredTransactions(JdbcTransactions transactions, Meter meter) {
        this.transactions = transactions;
        this.meter = meter;
    }

    /** The calling thread's transaction handles this event. */
    void handles(long n) {
        handling.get().add(n);
    }

    @Override
    public Optional<JdbcTransaction> current() {
        return transactions.current();
    }

    @Override
    public void inNew(Body body) throws Throwable {
        handling.remove();
        boolean[] commits = new boolean[1];
        transactions.inNew(transaction -> {
            commits[0] = body.run(transaction);
            return commits[0];
        });
        if (commits[0]) {
            handling.get().forEach(meter::handled);
        }
        handling.remove();
    }
}

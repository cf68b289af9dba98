package io.amends.benchmarks;

import io.amends.benchmarks.Mode.Plan;
import io.amends.benchmarks.Run.LoadOf;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What is measured. Every measurement begins on empty tables. */
final class Scenarios {
    /** Events under way in a closed loop: enough to keep every handler busy. */
    private static final int IN_FLIGHT = 1000;

    private static final int WARM_UP_SECONDS = 8;
    private static final int SETTLING_SECONDS = 2;
    private static final int MOST_EVENTS = 20_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Database database;
    private final Report report;
    private final Options options;

    Scenarios(Database database, Report report, Options options) {
        this.database = database;
        this.report = report;
        this.options = options;
    }

    /**
     * How to measure.
     *
     * @param modes the modes to compare, the first is what the others are compared with
     * @param rounds how often each mode is measured, in turn
     * @param seconds how long each time
     * @param statements whether to show the server's most expensive statements
     * @param records the failed executions that operators ask about, a multiple of 20,000
     */
    record Options(List<Mode> modes, int rounds, int seconds, boolean statements, int records) {}

    private Run measure(Mode mode, Plan plan, int inFlight, LoadOf load) throws Exception {
        return measure(mode, plan, inFlight, load, () -> {});
    }

    private Run measure(Mode mode, Plan plan, int inFlight, LoadOf load, Preparation prepared) throws Exception {
        database.reset();
        prepared.prepare();
        Meter meter = new Meter(MOST_EVENTS, inFlight);
        Mode.Session session = mode.open(database, plan, meter);
        try {
            boolean allHandled = plan.handling() && plan.poisoned().isEmpty();
            // At full speed, so that what follows meets compiled code and owned slots, at whatever rate.
            Load.closed(session, meter, keys(), plan.poisoned()).closeAfter(WARM_UP_SECONDS);
            if (allHandled) {
                meter.awaitHandled(meter.publishedCount(), PATIENCE);
            }
            Run run = Run.measure(database, session, meter, load, SETTLING_SECONDS, options.seconds());
            if (options.statements()) {
                database.expensiveStatements(12).forEach(report::line);
            }
            if (allHandled) {
                meter.awaitHandled(meter.publishedCount(), PATIENCE);
            }
            return run;
        } finally {
            session.close();
        }
    }

    private interface Preparation {
        void prepare() throws Exception;
    }

    /** Publish and handle as fast as it goes, one transaction per event on either side. */
    void throughput() throws Exception {
        Report.Table table = report.table(
                "Saturated: publish and handle, %d keys, one transaction per event".formatted(Load.KEYS),
                "round",
                "mode",
                "published/s",
                "end to end/s",
                "of SQL",
                "p50 ms",
                "p99 ms",
                "statements/event",
                "commits/event",
                "WAL bytes/event");
        SequencedMap<String, List<Double>> ratios = new TreeMap<>();
        for (int round = 1; round <= options.rounds(); round++) {
            double ceiling = 0;
            for (Mode mode : options.modes()) {
                Run run =
                        measure(mode, Plan.SINGLY, IN_FLIGHT, (session, meter) -> Load.closed(session, meter, keys()));
                if (ceiling == 0) {
                    ceiling = run.perSecond();
                }
                double ratio = run.perSecond() / ceiling;
                ratios.computeIfAbsent(mode.name(), name -> new ArrayList<>()).add(ratio);
                table.row(
                        round,
                        mode.name(),
                        run.publishedPerSecond(),
                        run.perSecond(),
                        ratio,
                        run.millis(50),
                        run.millis(99),
                        per(run.work().statements(), run),
                        per(run.work().commits(), run),
                        per(run.work().walBytes(), run));
            }
        }
        table.end();
        ratios.forEach((mode, values) -> report.line("%s: %.2f of the ceiling (median of %d)"
                .formatted(mode, values.stream().sorted().toList().get(values.size() / 2), values.size())));
    }

    private static int keys() {
        return Load.KEYS;
    }

    private static double per(long count, Run run) {
        return (double) count / Math.max(1, run.handled());
    }

    /** Publishing alone: what an event costs a business transaction. */
    void publishing() throws Exception {
        Report.Table table = report.table(
                "Publishing alone: one row of one's own and one event per transaction", "round", "mode", "published/s");
        for (int round = 1; round <= options.rounds(); round++) {
            for (Mode mode : options.modes()) {
                Run run = measure(
                        mode,
                        new Plan(1, false, ""),
                        Integer.MAX_VALUE,
                        (session, meter) -> Load.closed(session, meter, keys()));
                table.row(round, mode.name(), run.publishedPerSecond());
            }
        }
        table.end();
    }

    /** Commit to handled at a moderate rate. */
    void latency() throws Exception {
        int rate = 500;
        Report.Table table = report.table(
                "Commit to handled at %d events/s".formatted(rate),
                "round",
                "mode",
                "handled/s",
                "p50 ms",
                "p90 ms",
                "p99 ms",
                "max ms",
                "statements/event");
        for (int round = 1; round <= options.rounds(); round++) {
            for (Mode mode : options.modes()) {
                Run run = measure(
                        mode, Plan.SINGLY, IN_FLIGHT, (session, meter) -> Load.paced(session, meter, keys(), rate));
                table.row(
                        round,
                        mode.name(),
                        run.perSecond(),
                        run.millis(50),
                        run.millis(90),
                        run.millis(99),
                        run.millis(100),
                        per(run.work().statements(), run));
            }
        }
        table.end();
    }

    /** Everything is in the outbox when the engine starts. */
    void backlog() throws Exception {
        Report.Table table =
                report.table("A backlog drains", "round", "events per transaction", "events", "seconds", "events/s");
        for (int round = 1; round <= options.rounds(); round++) {
            for (int batch : List.of(1, 100)) {
                int events = batch == 1 ? 50_000 : 300_000;
                database.reset();
                Preloads.fillOutbox(database, events, keys());
                Meter meter = new Meter(events, IN_FLIGHT);
                long begin = System.nanoTime();
                Mode.Session session = new EngineMode().open(database, new Plan(batch, true, ""), meter);
                try {
                    meter.awaitHandled(events, PATIENCE);
                    double seconds = (System.nanoTime() - begin) / 1e9;
                    table.row(round, batch, events, seconds, events / seconds);
                    if (options.statements()) {
                        database.expensiveStatements(12).forEach(report::line);
                    }
                } finally {
                    session.close();
                }
            }
        }
        table.end();
    }

    /** The hot path beside a million failed executions that hold lanes of other keys. */
    void preloaded() throws Exception {
        int records = 1_000_000;
        Report.Table table = report.table(
                "Hot path beside %,d open failed executions, each with a lane".formatted(records),
                "round",
                "without: events/s",
                "with: events/s",
                "ratio");
        for (int round = 1; round <= options.rounds(); round++) {
            LoadOf load = (session, meter) -> Load.closed(session, meter, keys());
            Run without = measure(new EngineMode(), Plan.SINGLY, IN_FLIGHT, load);
            Run with = measure(
                    new EngineMode(), Plan.SINGLY, IN_FLIGHT, load, () -> Preloads.fillFailures(database, records));
            table.row(round, without.perSecond(), with.perSecond(), with.perSecond() / without.perSecond());
        }
        table.end();
    }

    /** What operators ask beside a million failed executions. */
    void operate() throws Exception {
        try (OperatorQueries queries = new OperatorQueries(database, report, options.records())) {
            queries.measure();
        }
    }

    /** One key of a thousand always fails. */
    void poisoned() throws Exception {
        int keys = 1000;
        Report.Table table = report.table(
                "One poisoned key in %,d: what the others lose".formatted(keys),
                "round",
                "without: events/s",
                "with: events/s of the others",
                "ratio");
        for (int round = 1; round <= options.rounds(); round++) {
            Run without = measure(
                    new EngineMode(), Plan.SINGLY, IN_FLIGHT, (session, meter) -> Load.closed(session, meter, keys));
            Run with = measure(
                    new EngineMode(),
                    new Plan(1, true, Load.POISONED),
                    IN_FLIGHT,
                    (session, meter) -> Load.closed(session, meter, keys, Load.POISONED));
            double fair = without.perSecond() * (keys - 1) / keys;
            table.row(round, without.perSecond(), with.perSecond(), with.perSecond() / fair);
        }
        table.end();
    }

    /** Events that wait for others: how soon they wake. */
    void waits() throws Exception {
        int events = 2_000;
        int perSecond = 100;
        Report.Table wakeUps = report.table(
                "Cause committed to dependent handled, %,d waits, %d causes/s".formatted(events, perSecond),
                "round",
                "nodes",
                "p50 ms",
                "p90 ms",
                "p99 ms",
                "max ms");
        for (int round = 1; round <= options.rounds(); round++) {
            for (int nodes = 1; nodes <= 2; nodes++) {
                warmUpWaits(nodes);
                database.reset();
                try (WakeUps waiting = new WakeUps(database, nodes, events, true, PATIENCE)) {
                    Histogram took = waiting.wakeUps(perSecond);
                    wakeUps.row(round, nodes, micros(took, 50), micros(took, 90), micros(took, 99), micros(took, 100));
                }
                if (options.statements()) {
                    database.expensiveStatements(12).forEach(report::line);
                }
            }
        }
        wakeUps.end();
    }

    /** Compiled code and known plans for what is measured next. */
    private void warmUpWaits(int nodes) throws Exception {
        database.reset();
        try (WakeUps waiting = new WakeUps(database, nodes, 2_000, true, PATIENCE)) {
            waiting.wakeUps(1_000);
        }
    }

    private static double micros(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1000.0;
    }

    /** What is needed is done already: what the question costs. */
    void declared() throws Exception {
        int events = 3_000;
        Report.Table table = report.table(
                "An event whose cause is done, %,d events at 200/s".formatted(events),
                "round",
                "function",
                "statements/event",
                "commits/event",
                "WAL bytes/event");
        for (int round = 1; round <= options.rounds(); round++) {
            for (boolean declared : List.of(false, true)) {
                database.reset();
                try (WakeUps waiting = new WakeUps(database, 1, events, declared, PATIENCE)) {
                    Database.Work work = waiting.satisfied(200);
                    table.row(
                            round,
                            declared ? "one declaration" : "none",
                            (double) work.statements() / events,
                            (double) work.commits() / events,
                            (double) work.walBytes() / events);
                }
            }
        }
        table.end();
    }

    /** The hot path beside events of other keys that wait. */
    void besideWaits() throws Exception {
        int waits = 100_000;
        int keys = 10_000;
        Report.Table table = report.table(
                "Hot path beside %,d waiting events on %,d keys".formatted(waits, keys),
                "round",
                "without: events/s",
                "with: events/s",
                "ratio");
        for (int round = 1; round <= options.rounds(); round++) {
            LoadOf load = (session, meter) -> Load.closed(session, meter, keys());
            Run without = measure(new EngineMode(), Plan.SINGLY, IN_FLIGHT, load);
            Run with = measure(
                    new EngineMode(), Plan.SINGLY, IN_FLIGHT, load, () -> Preloads.fillWaits(database, waits, keys));
            table.row(round, without.perSecond(), with.perSecond(), with.perSecond() / without.perSecond());
        }
        table.end();
    }

    /** What it costs that an event carries its causes, where each handled event has one published. */
    void causes() throws Exception {
        int events = 20_000;
        Report.Table table = report.table(
                "A handler that publishes, %,d events drain".formatted(events),
                "round",
                "causes carried",
                "events/s",
                "WAL bytes/event");
        for (int round = 1; round <= options.rounds(); round++) {
            for (int carried : List.of(0, 1, 8)) {
                database.reset();
                Chains.fillOutbox(database, events, Math.max(0, carried - 1));
                database.execute("checkpoint");
                try (Chains chains = new Chains(database, events, carried > 0)) {
                    long begin = System.nanoTime();
                    Database.Work work = chains.drain(PATIENCE);
                    double seconds = (System.nanoTime() - begin) / 1e9;
                    table.row(round, carried, events / seconds, (double) work.walBytes() / events);
                }
                if (options.statements()) {
                    database.expensiveStatements(12).forEach(report::line);
                }
            }
        }
        table.end();
    }

    /** How fast records that are all due at once are retried. */
    void retries() throws Exception {
        drain("Due retries drain", 20_000, "succeeded by retry/s", RetryDrain::retryAll);
    }

    /** How fast one batch of many records runs. */
    void batches() throws Exception {
        drain("A batch runs", Math.min(100_000, options.records()), "items handled/s", RetryDrain::runBatch);
    }

    /** How soon a batch that runs stands still when it is cancelled. */
    void cancel() throws Exception {
        int records = Math.min(30_000, options.records());
        Report.Table table = report.table(
                "A running batch of %,d trivial handlers is cancelled".formatted(records),
                "round",
                "may share a transaction",
                "begun before",
                "answered after ms",
                "last handler begun after ms",
                "begun after",
                "aim ms");
        for (int round = 1; round <= options.rounds(); round++) {
            for (int share : new int[] {1, 100}) {
                database.reset();
                Preloads.fillOutbox(database, records, records);
                try (RetryDrain drain = new RetryDrain(database, records, share, PATIENCE)) {
                    drain.failAll();
                    drain.heal();
                    RetryDrain.Cancelled did = drain.cancelBatch();
                    table.row(
                            round,
                            share,
                            did.handledBefore(),
                            did.answeredMillis(),
                            did.lastBegunMillis(),
                            did.handledAfter(),
                            "2,000");
                }
            }
        }
        table.end();
    }

    /** What clients of the live stream cost the database, while a lane changes each second. */
    void streams() throws Exception {
        Report.Table table = report.table(
                "Clients of the live stream, %d s".formatted(options.seconds()),
                "round",
                "clients",
                "messages heard/s",
                "statements/s",
                "commits/s",
                "statements of one client's");
        for (int round = 1; round <= options.rounds(); round++) {
            double ofOne = 0;
            for (int clients : new int[] {1, 50}) {
                database.reset();
                Preloads.fillFailures(database, 1000);
                try (StreamClients streams = new StreamClients(database, clients)) {
                    StreamClients.Cost cost = streams.measure(options.seconds());
                    ofOne = clients == 1 ? cost.statementsPerSecond() : ofOne;
                    table.row(
                            round,
                            clients,
                            cost.messagesPerSecond(),
                            cost.statementsPerSecond(),
                            cost.commitsPerSecond(),
                            cost.statementsPerSecond() / ofOne);
                }
                if (options.statements()) {
                    database.expensiveStatements(12).forEach(report::line);
                }
            }
        }
        table.end();
    }

    private void drain(String title, int records, String what, Drained drained) throws Exception {
        Report.Table table = report.table(
                title,
                "round",
                "records",
                "may share a transaction",
                "failed and recorded/s",
                what,
                "statements each",
                "commits each",
                "WAL bytes each");
        for (int round = 1; round <= options.rounds(); round++) {
            for (int share : new int[] {1, 100}) {
                drain(table, round, records, share, drained);
            }
        }
        table.end();
    }

    private void drain(Report.Table table, int round, int records, int share, Drained drained) throws Exception {
        database.reset();
        Preloads.fillOutbox(database, records, records);
        try (RetryDrain drain = new RetryDrain(database, records, share, PATIENCE)) {
            double failed = drain.failAll();
            drain.heal();
            Database.Work before = database.work();
            double perSecond = drained.drain(drain);
            Database.Work work = database.work().since(before);
            table.row(
                    round,
                    records,
                    share,
                    failed,
                    perSecond,
                    work.statements() / (double) records,
                    work.commits() / (double) records,
                    work.walBytes() / (double) records);
            if (options.statements()) {
                database.expensiveStatements(16).forEach(report::line);
            }
        }
    }

    private interface Drained {
        double drain(RetryDrain drain) throws SQLException;
    }
}

package io.amends.benchmarks;

import io.amends.benchmarks.Database.Work;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What was measured in one window of one mode.
 *
 * @param seconds how long the window was
 * @param published events published in it
 * @param handled events handled in it
 * @param work what the server did in it
 * @param latencies commit to handled of the events published in it, in microseconds
 */
record Run(double seconds, long published, long handled, Work work, Histogram latencies) {

    double perSecond() {
        return handled / seconds;
    }

    double publishedPerSecond() {
        return published / seconds;
    }

    double millis(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1000.0;
    }

    /** Lets the load settle and go on for a window, then ends it. */
    static Run measure(Database database, Mode.Session session, Meter meter, LoadOf load, int settling, int seconds)
            throws Exception {
        long publishedBefore;
        long publishedAfter;
        long handledBefore;
        long handledAfter;
        Work work;
        double took;
        Load running = load.start(session, meter);
        try {
            TimeUnit.SECONDS.sleep(settling);
            database.forgetStatements();
            Work workBefore = database.work();
            long begin = System.nanoTime();
            publishedBefore = meter.publishedCount();
            handledBefore = meter.handledCount();
            TimeUnit.SECONDS.sleep(seconds);
            publishedAfter = meter.publishedCount();
            handledAfter = meter.handledCount();
            took = (System.nanoTime() - begin) / 1e9;
            work = database.work().since(workBefore);
        } finally {
            running.close();
        }
        return new Run(
                took,
                publishedAfter - publishedBefore,
                handledAfter - handledBefore,
                work,
                meter.latencies(publishedBefore, publishedAfter));
    }

    /** Starts a load on a session. */
    @FunctionalInterface
    interface LoadOf {
        Load start(Mode.Session session, Meter meter);
    }
}

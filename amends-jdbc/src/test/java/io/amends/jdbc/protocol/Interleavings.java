package io.amends.jdbc.protocol;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs two or three sessions of real store code in every order of their statements, on a real PostgreSQL.
 *
 * <p>Each session is a thread with connections of its own that stop before every statement, commit and rollback. A
 * schedule says which session goes next; schedules are enumerated depth first, each run from a fresh state, until all
 * were run. A session that waits for a lock is passed over until the lock is free, so what PostgreSQL forbids is not an
 * order. A rewrite of the statements makes the wrong variant that a rule is compared with.
 */
final class Interleavings {
    private static final long STUCK_SECONDS = 20;

    private final DataSource real;
    private final UnaryOperator<String> rewrite;
    private int runs;

    Interleavings(DataSource real, UnaryOperator<String> rewrite) {
        this.real = real;
        this.rewrite = rewrite;
    }

    /** What one session does, with connections that follow the schedule. */
    interface Session {
        void run(DataSource stepped) throws Exception;
    }

    /** Makes the state before a run, and judges it afterwards. */
    interface Case {
        /** A fresh state, and the sessions that start from it. */
        List<Session> sessions() throws Exception;

        /** Throws an AssertionError if what came out is wrong. */
        void check(List<@Nullable Throwable> errors) throws Exception;
    }

    /** A schedule that broke a rule. */
    record Broken(List<Integer> schedule, List<String> statements, AssertionError error) {}

    /** How many schedules were run. */
    int runs() {
        return runs;
    }

    /** Runs all schedules, at most {@code most}; the first that breaks the case, or null. */
    @Nullable Broken explore(Case test, int most) throws Exception {
        List<int[]> path = new ArrayList<>(); // pairs of chosen index and number of choices
        runs = 0;
        do {
            Run run = new Run(test.sessions(), path);
            run.go();
            runs++;
            try {
                test.check(run.errors());
            } catch (AssertionError e) {
                return new Broken(run.schedule, run.statements, e);
            }
        } while (runs < most && nextPath(path));
        return null;
    }

    /** Runs schedules chosen at random from a seed, where there are too many to run all. */
    @Nullable Broken sample(Case test, int count, long seed) throws Exception {
        Random random = new Random(seed);
        for (runs = 0; runs < count; runs++) {
            Run run = new Run(test.sessions(), new ArrayList<>());
            run.random = random;
            run.go();
            try {
                test.check(run.errors());
            } catch (AssertionError e) {
                return new Broken(run.schedule, run.statements, e);
            }
        }
        return null;
    }

    private static boolean nextPath(List<int[]> path) {
        while (!path.isEmpty()) {
            int[] last = path.get(path.size() - 1);
            if (++last[0] < last[1]) {
                return true;
            }
            path.remove(path.size() - 1);
        }
        return false;
    }

    private enum Place {
        RUNNING,
        AT_GATE,
        ENDED
    }

    /** One run of all sessions under one schedule. */
    private final class Run {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final List<Session> sessions;
        private final List<int[]> path;
        private final List<Integer> schedule = new ArrayList<>();
        private final List<String> statements = new ArrayList<>();
        private final Place[] places;
        private final String[] next;
        private final int[] pids;
        private final @Nullable Throwable[] errors;
        private @Nullable Random random;
        private int allowed = -1;

        Run(List<Session> sessions, List<int[]> path) {
            this.sessions = sessions;
            this.path = path;
            this.places = new Place[sessions.size()];
            this.next = new String[sessions.size()];
            this.pids = new int[sessions.size()];
            this.errors = new Throwable[sessions.size()];
            Arrays.fill(places, Place.RUNNING);
        }

        List<@Nullable Throwable> errors() {
            return Arrays.asList(errors);
        }

        void go() throws Exception {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < sessions.size(); i++) {
                int me = i;
                threads.add(Thread.ofPlatform().daemon().name("session " + me).start(() -> runSession(me)));
            }
            int depth = 0;
            while (true) {
                List<Integer> ready = awaitReady();
                if (ready.isEmpty()) {
                    break;
                }
                int choice = 0;
                Random chance = random;
                if (chance != null) {
                    choice = chance.nextInt(ready.size());
                } else if (ready.size() > 1) {
                    if (depth == path.size()) {
                        path.add(new int[] {0, ready.size()});
                    }
                    int[] at = path.get(depth++);
                    at[1] = ready.size();
                    choice = Math.min(at[0], ready.size() - 1);
                }
                allow(ready.get(choice));
            }
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(STUCK_SECONDS));
            }
        }

        private void runSession(int me) {
            try {
                sessions.get(me).run(new SteppedDataSource(real, rewrite, new SteppedDataSource.Gate() {
                    @Override
                    public void connected(int pid) {
                        lock.lock();
                        try {
                            pids[me] = pid;
                        } finally {
                            lock.unlock();
                        }
                    }

                    @Override
                    public void before(String statement) {
                        pass(me, statement);
                    }
                }));
            } catch (Throwable e) {
                errors[me] = e;
            } finally {
                lock.lock();
                try {
                    places[me] = Place.ENDED;
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }

        private void pass(int me, String statement) {
            lock.lock();
            try {
                places[me] = Place.AT_GATE;
                next[me] = statement;
                changed.signalAll();
                while (allowed != me) {
                    changed.awaitUninterruptibly();
                }
                allowed = -1;
                places[me] = Place.RUNNING;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void allow(int session) {
            lock.lock();
            try {
                schedule.add(session);
                statements.add(session + ": " + next[session].strip().replaceAll("\\s+", " "));
                allowed = session;
                changed.signalAll();
                while (allowed == session) {
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }

        /** Waits until every session has ended, is at its gate, or waits for a lock; those at their gates. */
        private List<Integer> awaitReady() throws Exception {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STUCK_SECONDS);
            int looks = 0;
            while (true) {
                List<Integer> ready = new ArrayList<>();
                List<Integer> running = new ArrayList<>();
                lock.lock();
                try {
                    collect(ready, running);
                    if (!running.isEmpty()) {
                        changed.await(looks++ < 3 ? 2 : 10, TimeUnit.MILLISECONDS);
                        ready.clear();
                        running.clear();
                        collect(ready, running);
                    }
                } finally {
                    lock.unlock();
                }
                if (running.isEmpty() || (!ready.isEmpty() && looks > 1 && areBlocked(running))) {
                    return ready;
                }
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("sessions " + running + " neither end nor wait: " + statements);
                }
            }
        }

        private void collect(List<Integer> ready, List<Integer> running) {
            for (int i = 0; i < places.length; i++) {
                if (places[i] == Place.AT_GATE) {
                    ready.add(i);
                } else if (places[i] == Place.RUNNING) {
                    running.add(i);
                }
            }
        }

        private boolean areBlocked(List<Integer> running) throws SQLException {
            try (Connection connection = real.getConnection();
                    PreparedStatement query = connection.prepareStatement(
                            "select count(*) from pg_stat_activity where pid = ? and wait_event_type = 'Lock'")) {
                for (int session : running) {
                    query.setInt(1, pids[session]);
                    try (ResultSet row = query.executeQuery()) {
                        if (!row.next() || row.getInt(1) == 0) {
                            return false;
                        }
                    }
                }
            }
            return true;
        }
    }
}

package io.amends.spring.lifecycle;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats what needs the database while the database is away, for a bounded time: at a start of the whole system a
 * service may be up before its database.
 *
 * @param timeout the longest wait; zero tries once
 */
public record DatabaseWait(Duration timeout) {
    private static final Logger log = LoggerFactory.getLogger(DatabaseWait.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /**
     * Does it, again and again while it fails because the database is away.
     *
     * @throws DatabaseAwayException if the database is still away at the end of the wait, or the thread is interrupted
     */
    public <T> T until(Supplier<T> action, Predicate<Throwable> isAway) {
        long begin = System.nanoTime();
        while (true) {
            try {
                return action.get();
            } catch (RuntimeException e) {
                if (!isAway.test(e)) {
                    throw e;
                }
                Duration left = timeout.minusNanos(System.nanoTime() - begin);
                if (left.isNegative() || left.isZero()) {
                    throw new DatabaseAwayException(timeout, e);
                }
                log.warn("the database is away, waiting up to {} s more: {}", left.toSeconds(), e.toString());
                pause(left.compareTo(PAUSE) < 0 ? left : PAUSE, e);
            }
        }
    }

    private void pause(Duration time, RuntimeException reason) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reason.addSuppressed(e);
            throw new DatabaseAwayException(timeout, reason);
        }
    }
}

package io.amends.api;

import java.io.Serial;
import java.time.Duration;
import java.util.Arrays;

/**
 * Says that an event is too early: thrown (or returned) by a function, it rolls the transaction back and lets the event
 * wait. It is no failure: no retry is used and no stack trace taken.
 *
 * <p>The event wakes as soon as what it waits for is done, on whatever node. Later events of its key stay behind it in
 * order, except the one it waits for. Immutable.
 */
public final class Wait extends RuntimeException {
    /** How long a wait lasts unless it says otherwise. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofHours(1);

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient WaitCondition condition;
    private final Duration timeout;
    private final OnTimeout onTimeout;

    private Wait(WaitCondition condition, Duration timeout, OnTimeout onTimeout) {
        super("waits for " + condition, null, false, false);
        this.condition = condition;
        this.timeout = timeout;
        this.onTimeout = onTimeout;
    }

    /** Waits for a later event of the same key: too early for a reason that only the handler sees. */
    public static Wait forNext() {
        return until(new WaitCondition.Next());
    }

    /** Waits for a time, 1 ms to 30 days; the timeout is that time and one hour. */
    public static Wait forDuration(Duration duration) {
        return new Wait(new WaitCondition.Elapsed(duration), duration.plus(DEFAULT_TIMEOUT), OnTimeout.FAIL);
    }

    /** Waits for a condition. */
    public static Wait until(WaitCondition condition) {
        return new Wait(condition, DEFAULT_TIMEOUT, OnTimeout.FAIL);
    }

    /** The event of this class and key, for {@link #until}: the values at the paths that {@link OnEvent#tracks} names. */
    public static WaitCondition handled(Class<?> eventClass, String... key) {
        EventType type = eventClass.getAnnotation(EventType.class);
        return new WaitCondition.Handled(type == null ? eventClass.getName() : type.value(), Arrays.asList(key));
    }

    /** The version of an entity, for {@link #until}. */
    public static WaitCondition version(String stream, String key, long version) {
        return new WaitCondition.Version(stream, key, 0, version);
    }

    /** The same wait with this timeout, counted from the event's first wait; 1 ms to 365 days. */
    public Wait timeout(Duration newTimeout) {
        if (newTimeout.compareTo(Duration.ofMillis(1)) < 0 || newTimeout.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException("wait timeout: " + newTimeout + " (expected: PT0.001S..P365D)");
        }
        return new Wait(condition, newTimeout, onTimeout);
    }

    /** The same wait that does this when it has lasted too long. */
    public Wait onTimeout(OnTimeout what) {
        return new Wait(condition, timeout, what);
    }

    /** What it waits for. */
    public WaitCondition condition() {
        return condition;
    }

    /** How long it may last. */
    public Duration timeout() {
        return timeout;
    }

    /** What happens when it has lasted too long. */
    public OnTimeout onTimeout() {
        return onTimeout;
    }
}

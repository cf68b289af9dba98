package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs the function only after another event was done by the same processor, or by one that is named.
 *
 * <p>An event that comes too early waits, and wakes when that event is done: handled, found stale, succeeded by
 * compensation, or skipped by a person. Meanwhile later events of its key stay behind it in order, except the one that it
 * waits for. The other event's type must have a function in that processor, and dependencies must have no cycle; both are
 * checked at start-up.
 *
 * <p>It costs one statement per event before the handler. That an event was done is kept for {@code
 * amends.keep-tombstones}, 90 days by default. An event that lacks a value at one of the key's paths becomes a failed
 * execution.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(RunAfter.All.class)
public @interface RunAfter {
    /** The class of the event to wait for; or name its type with {@link #eventType()}. */
    Class<?> event() default Void.class;

    /** The type of the event to wait for. */
    String eventType() default "";

    /** Paths into this payload whose values identify the other event; empty (the default): the key of the event. */
    String[] key() default {};

    /** Paths into the other payload that correspond to {@link #key()}; the same paths by default. */
    String[] eventKey() default {};

    /**
     * Waits for the events by which this one came about instead, as far as the processor has functions for their types: those
     * that were being handled when it, or one of its causes, was published; the newest eight are known.
     */
    boolean causes() default false;

    /** A path into this payload: only if it is present, not null and not false there is something to wait for; default always. */
    String when() default "";

    /** The processor of this service that has to have done the other event; default this one. */
    String processor() default "";

    /** How long to wait, an ISO 8601 duration of 1 ms to 365 days; default one hour. */
    String timeout() default "PT1H";

    /** What happens when that has passed. */
    OnTimeout onTimeout() default OnTimeout.FAIL;

    /**
     * What happened before this moment is taken as done, for what nobody tracked: an ISO 8601 time with an offset, for instance
     * {@code 2026-01-01T00:00:00Z}; default nothing is assumed.
     */
    String assumeHandledBefore() default "";

    /** A path into this payload: when the needed thing happened, as ISO 8601 with an offset; default the time of this event. */
    String time() default "";

    /**
     * A method of this class that takes the function's payload and returns boolean: whether the needed thing is done, from the
     * application's own data, asked in the handler's transaction where nothing tracked says so; default nobody is asked.
     */
    String probe() default "";

    /** Holds several of them. */
    @Documented
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface All {
        /** The declarations. */
        RunAfter[] value();
    }
}

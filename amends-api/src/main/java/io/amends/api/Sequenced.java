package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs the function for version n + 1 of an entity directly after version n: what comes too early waits for the gap to be
 * filled, what comes again is stale.
 *
 * <p>For events that are differences and not states: each one counts, and none may be left out. The first version that is
 * seen of an entity (or of its epoch, if that is higher) is the base, unless {@link #first()} says which one it has to be.
 * A person's skip of version n is as good as n. A version that comes after the sequence went on without it ({@link
 * OnGap#PROCEED}) becomes a failed execution that no schedule retries: a person lets it run, or skips it. That holds for
 * every older version that comes then, also for one that was handled and is sent again under another id.
 *
 * <p>It costs one statement per event before the handler, and none after it. An event that lacks a value which the
 * declaration names becomes a failed execution.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Sequenced.All.class)
public @interface Sequenced {
    /** {@link #first()}: whatever version comes first. */
    long FIRST_SEEN = Long.MIN_VALUE;

    /** The stream, usually the kind of entity: 1 to 100 letters, digits or {@code . _ -}. */
    String stream();

    /** A path into this payload: the entity; default the key of the event. */
    String key() default "";

    /** A path into this payload: the version; default the version of the event. */
    String version() default "";

    /** A path into this payload: the epoch; default the epoch of the event. An absent one is 0. */
    String epoch() default "";

    /** The version that nothing has to come before; default whichever is seen first. */
    long first() default FIRST_SEEN;

    /** What happens when the gap was not filled in time. */
    OnGap onGap() default OnGap.WAIT;

    /** How long to wait for a gap to be filled, an ISO 8601 duration of 1 ms to 365 days; default one hour. */
    String timeout() default "PT1H";

    /** Holds several of them. */
    @Documented
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface All {
        /** The declarations. */
        Sequenced[] value();
    }
}

package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs the function only after this processor, or one that is named, has done at least a version of another entity.
 *
 * <p>Some function of that processor must advance the stream, by {@link SkipStale} or {@link Advances}; it is checked at
 * start-up. An event that comes too early waits, see {@link RunAfter}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(RequireVersion.All.class)
public @interface RequireVersion {
    /** The stream. */
    String stream();

    /** A path into this payload: the entity; default the key of the event. */
    String key() default "";

    /** A path into this payload: the least version; if it is absent nothing is required. */
    String atLeast();

    /** A path into this payload: the epoch of that version; default epoch 0. */
    String epoch() default "";

    /** The processor of this service that has to have done the version; default this one. */
    String processor() default "";

    /** How long to wait, an ISO 8601 duration of 1 ms to 365 days; default one hour. */
    String timeout() default "PT1H";

    /** What happens when that has passed. */
    OnTimeout onTimeout() default OnTimeout.FAIL;

    /** Holds several of them. */
    @Documented
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface All {
        /** The declarations. */
        RequireVersion[] value();
    }
}

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
        RequireVersion[] value();
    }
}

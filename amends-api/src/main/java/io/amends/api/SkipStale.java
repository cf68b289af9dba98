package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Skips events whose (epoch, version) is not greater than what this processor has done for their entity, and advances
 * the stream with the others, in the handler's transaction.
 *
 * <p>All types of one entity share one stream, deletes too: a delete leaves a tombstone with its version, so that a late
 * update can not revive what it deleted; tombstones are forgotten after {@code amends.keep-tombstones}, 90 days by
 * default. A higher epoch wins whatever the versions are: an entity that starts anew counts its versions anew. A stale
 * event is done; it is counted, not silent. The local entity needs no version column.
 *
 * <p>It costs one statement per event before the handler, and none after it. An event that lacks a value which the
 * declaration names becomes a failed execution.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(SkipStale.All.class)
public @interface SkipStale {
    /** The stream, usually the kind of entity: 1 to 100 letters, digits or {@code . _ -}. */
    String stream();

    /** A path into this payload: the entity; default the key of the event. */
    String key() default "";

    /** A path into this payload: the version; default the version of the event. */
    String version() default "";

    /** A path into this payload: the epoch; default the epoch of the event. An absent one is 0. */
    String epoch() default "";

    /** Whether the event deletes the entity. */
    boolean deletes() default false;

    /** Whether an equal version is handled again instead of skipped. */
    boolean acceptEqual() default false;

    /** Holds several of them. */
    @Documented
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface All {
        /** The declarations. */
        SkipStale[] value();
    }
}

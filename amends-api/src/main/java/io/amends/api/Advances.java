package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Advances a stream to the event's version when it is done, without skipping anything.
 *
 * <p>A version that is not greater than the stream's leaves it as it is. It costs no statement of its own: it is written
 * with the row that says that the event is done.
 *
 * <p>On the class of an {@link EntitySynchronizer} it counts for the events that create or change the entity, beside the
 * stream of the entity itself.
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Advances.All.class)
public @interface Advances {
    /** The stream, usually the kind of entity: 1 to 100 letters, digits or {@code . _ -}. */
    String stream();

    /** A path into this payload: the entity; default the key of the event. */
    String key() default "";

    /** A path into this payload: the version; default the version of the event. */
    String version() default "";

    /** A path into this payload: the epoch; default the epoch of the event. An absent one is 0. */
    String epoch() default "";

    /** Holds several of them. */
    @Documented
    @Target({ElementType.METHOD, ElementType.TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @interface All {
        /** The declarations. */
        Advances[] value();
    }
}

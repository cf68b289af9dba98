package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says of a snapshot class which events carry it: those that tell that an entity was created, changed or deleted.
 *
 * <p>The events of the entity {@code "shop.user"} have the types {@code shop.user.created}, {@code shop.user.changed} and
 * {@code shop.user.deleted}, and all of them move one stream, named as the entity. Used by both sides: by {@link
 * EntityChanges} to publish, and by an {@link EntitySynchronizer} to follow. The two may have classes of their own.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface EntityEvents {

    /** The entity, which is also the stream: 1 to 100 letters, digits or {@code . _ -}. */
    String value();

    /** Types of the events that create or change, for a publisher with other names; default as said above. */
    String[] upserts() default {};

    /** Types of the events that delete, for a publisher with other names; default as said above. */
    String[] deletes() default {};

    /** A path into the payload for who follows: the entity; default the key of the event. */
    String key() default "";

    /** A path into the payload for who follows: the version; default the version of the event. */
    String version() default "";

    /** A path into the payload for who follows: the epoch; default the epoch of the event. An absent one is 0. */
    String epoch() default "";
}

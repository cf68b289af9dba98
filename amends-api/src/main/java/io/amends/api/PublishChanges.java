package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the no-argument method of a JPA entity that gives its snapshot: each insert, update and delete of such an entity
 * is published in its transaction ({@link EntityChanges}).
 *
 * <pre>{@code
 * @Entity
 * class User {
 *     @Id String id;
 *     @Version long version;
 *
 *     @PublishChanges
 *     UserSnapshot snapshot() {
 *         return new UserSnapshot(id, name, version);
 *     }
 * }
 * }</pre>
 *
 * <p>It is called after each write of the entity, inside the flush, when the version is the new one; it must read nothing
 * from the database. A delete has no version of its own: its event has the last version plus one. Several changes in one
 * transaction become one event. What is written past the persistence context (bulk updates in JPQL, SQL) is not seen. With
 * Hibernate; where the ids of deleted entities are used again, the snapshot needs an {@link EventEpoch} that grows.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface PublishChanges {}

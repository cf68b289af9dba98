package io.amends.spring.change;

/** Entities whose changes a persistence provider tells when it writes them. */
@FunctionalInterface
public interface FollowedEntities {

    /** Whether there are any. */
    boolean exist();
}

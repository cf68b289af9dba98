package io.amends.examples.loyalty.points;

import java.util.Optional;

/** The users that the points side knows. */
interface LocalUserTable {

    /** A user who is here. */
    Optional<LocalUser> findUser(String id);

    /** Remembers a user as it is now. */
    void put(LocalUser user);

    /** Remembers that a user is gone, and its points with it. */
    void end(String id);
}

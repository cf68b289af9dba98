package io.amends.examples.loyalty.points;

import io.amends.api.EntityEvents;
import io.amends.api.EventKey;
import io.amends.api.EventVersion;
import io.amends.examples.loyalty.event.Contract;

/**
 * What every event of a user says, as this side reads it: {@code loyalty.user.created}, {@code .changed} and {@code
 * .deleted}. Key and version are taken from the payload: not every sender sets the attributes.
 *
 * @param regionVersion grows with each change of the region
 * @param entityVersion grows with each change of the user, its end included
 */
@EntityEvents(value = "loyalty.user", key = "id", version = "entityVersion")
record UserSnapshot(
        @EventKey String id,
        String name,
        String region,
        long regionVersion,
        @EventVersion long entityVersion) {

    /** Checks what comes from outside. */
    UserSnapshot {
        Contract.user(id, name, region, regionVersion, entityVersion);
    }
}

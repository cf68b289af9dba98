package io.amends.examples.loyalty.event;

import io.amends.api.EventKey;
import io.amends.api.EventSubject;
import io.amends.api.EventType;
import io.amends.api.EventVersion;

/**
 * A user changed name or region. It carries all that is known of the user, so that the newest event alone is enough.
 *
 * @param regionVersion grows with each change of the region
 * @param entityVersion grows with each change of the user, its end included
 */
@EventType("loyalty.user.changed")
public record UserChanged(
        @EventKey @EventSubject String id,
        String name,
        String region,
        long regionVersion,
        @EventVersion long entityVersion) {

    /** Checks what may come from outside as well. */
    public UserChanged {
        Contract.user(id, name, region, regionVersion, entityVersion);
    }
}

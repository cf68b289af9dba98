package io.amends.examples.loyalty.points;

import io.amends.api.Advances;
import io.amends.api.Attempt;
import io.amends.api.EntitySynchronizer;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.Retry;
import io.amends.api.StartFrom;
import io.amends.examples.loyalty.fault.Faults;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Follows the shop's users, in whatever order their events come: a newer version wins, and a deleted user stays deleted.
 * Nothing of that is written here. That a user has come to a region of some version is something others wait for.
 */
@Component
@ConditionalOnProperty(name = "loyalty.variant", havingValue = "declared", matchIfMissing = true)
@EventProcessor(name = "users", key = "id", startFrom = StartFrom.EARLIEST)
@Advances(stream = "region", key = "id", version = "regionVersion")
@Retry(unrecoverable = Faults.HopelessFaultException.class)
class LocalUsers extends EntitySynchronizer<UserSnapshot, LocalUser> {
    private final LocalUserTable users;
    private final Faults faults;

    LocalUsers(LocalUserTable users, Faults faults) {
        this.users = users;
        this.faults = faults;
    }

    @Override
    protected void handling(EventEnvelope event, Attempt attempt) {
        faults.strike(event, Objects.requireNonNullElse(event.key(), ""), attempt);
    }

    @Override
    protected @Nullable LocalUser find(String key) {
        return users.findUser(key).orElse(null);
    }

    @Override
    protected LocalUser map(UserSnapshot snapshot, @Nullable LocalUser local) {
        return new LocalUser(snapshot.id(), snapshot.name(), snapshot.region(), snapshot.regionVersion());
    }

    @Override
    protected void create(LocalUser local) {
        users.put(local);
    }

    @Override
    protected void update(LocalUser local) {
        users.put(local);
    }

    @Override
    protected void delete(LocalUser local) {
        users.end(local.id());
    }
}

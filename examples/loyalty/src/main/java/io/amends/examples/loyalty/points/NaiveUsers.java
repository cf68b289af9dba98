package io.amends.examples.loyalty.points;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.Retry;
import io.amends.api.StartFrom;
import io.amends.examples.loyalty.event.UserChanged;
import io.amends.examples.loyalty.event.UserCreated;
import io.amends.examples.loyalty.event.UserDeleted;
import io.amends.examples.loyalty.fault.Faults;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Follows the shop's users as one writes it first, with {@code loyalty.variant=naive}: what comes last is taken for the
 * newest. Right as long as events come in order; a late event overwrites a newer state, and brings a deleted user back.
 */
@Component
@ConditionalOnProperty(name = "loyalty.variant", havingValue = "naive")
@EventProcessor(
        name = "users",
        key = "id",
        startFrom = StartFrom.EARLIEST,
        drops = {"amends.resync.users", "amends.missing.users"})
@Retry(unrecoverable = Faults.HopelessFaultException.class)
class NaiveUsers {
    private final LocalUserTable users;
    private final Faults faults;

    NaiveUsers(LocalUserTable users, Faults faults) {
        this.users = users;
        this.faults = faults;
    }

    @OnEvent
    void on(UserCreated event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.id(), attempt);
        users.put(new LocalUser(event.id(), event.name(), event.region(), event.regionVersion()));
    }

    @OnEvent
    void on(UserChanged event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.id(), attempt);
        users.put(new LocalUser(event.id(), event.name(), event.region(), event.regionVersion()));
    }

    @OnEvent
    void on(UserDeleted event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.id(), attempt);
        users.end(event.id());
    }
}

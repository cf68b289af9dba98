package io.amends.examples.loyalty.points;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.Retry;
import io.amends.api.StartFrom;
import io.amends.examples.loyalty.event.OrderCancelled;
import io.amends.examples.loyalty.event.OrderPaid;
import io.amends.examples.loyalty.event.UserChanged;
import io.amends.examples.loyalty.event.UserCreated;
import io.amends.examples.loyalty.event.UserDeleted;
import io.amends.examples.loyalty.fault.Faults;
import java.util.NoSuchElementException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Keeps users and their points in one processor, with {@code loyalty.variant=insisting}: a payment whose user is not here is
 * an error. Nothing is lost, but the payment stands at the head of its key, and the user that it needs stands behind it.
 */
@Component
@ConditionalOnProperty(name = "loyalty.variant", havingValue = "insisting")
@EventProcessor(
        name = "points",
        startFrom = StartFrom.EARLIEST,
        drops = {"amends.resync.users", "amends.missing.users"})
@Retry(unrecoverable = Faults.HopelessFaultException.class)
class InsistingPoints {
    private final LocalUserTable users;
    private final ScoreTable scores;
    private final Faults faults;

    InsistingPoints(LocalUserTable users, ScoreTable scores, Faults faults) {
        this.users = users;
        this.scores = scores;
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

    @OnEvent
    void on(OrderPaid event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        scores.change(userOf(event.userId()), event.amount().longValue());
    }

    @OnEvent
    void on(OrderCancelled event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        if (event.paidTime() != null) {
            scores.change(userOf(event.userId()), -event.amount().longValue());
        }
    }

    private String userOf(String id) {
        if (users.findUser(id).isEmpty()) {
            throw new NoSuchElementException("user " + id);
        }
        return id;
    }
}

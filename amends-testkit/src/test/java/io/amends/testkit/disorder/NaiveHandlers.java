package io.amends.testkit.disorder;

import io.amends.core.define.ProcessorSpec;
import io.amends.testkit.disorder.Shop.NewsRead;
import io.amends.testkit.disorder.Shop.OrderCancelled;
import io.amends.testkit.disorder.Shop.OrderPaid;
import io.amends.testkit.disorder.Shop.RegionChanged;
import io.amends.testkit.disorder.Shop.UserChanged;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.disorder.Shop.UserDeleted;
import io.amends.testkit.memory.Table;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/** Handlers as one writes them when events come in order: right in order, wrong in disorder. */
final class NaiveHandlers {
    private final Table<String, Integer> points;
    private final Table<String, Integer> paid;
    private final Table<String, String> users;
    private final Table<String, String> news;

    NaiveHandlers(Sandbox sandbox) {
        points = sandbox.database().table("points");
        paid = sandbox.database().table("paid");
        users = sandbox.database().table("users");
        news = sandbox.database().table("news");
    }

    /** What a person sees: points, users and what they have read. */
    Map<String, Object> state() {
        Map<String, Object> state = new LinkedHashMap<>();
        put(state, "points", points.rows());
        put(state, "users", users.rows());
        put(state, "news", news.rows());
        return state;
    }

    private static void put(Map<String, Object> state, String name, Map<String, ?> rows) {
        if (!rows.isEmpty()) {
            state.put(name, rows);
        }
    }

    /** Case 1: points and reading have nothing to do with each other. */
    ProcessorSpec unrelated() {
        return ProcessorSpec.named("unrelated")
                .on(OrderPaid.class, (event, delivery) -> add(event.userId(), event.amount()))
                .on(NewsRead.class, (event, delivery) -> news.put(event.userId() + "/" + event.article(), "read"));
    }

    /** Case 2, passing over: points of a user who is not there are nobody's. */
    ProcessorSpec onlyKnownUsers() {
        return ProcessorSpec.named("known-users")
                .on(UserCreated.class, (event, delivery) -> points.put(event.id(), 0))
                .on(
                        OrderPaid.class,
                        (event, delivery) ->
                                points.update(event.userId(), old -> old == null ? null : old + event.amount()));
    }

    /** Case 2, throwing: a user who is not there is an error. */
    ProcessorSpec insistingOnUsers() {
        return ProcessorSpec.named("insisting")
                .on(UserCreated.class, (event, delivery) -> points.put(event.id(), 0))
                .on(OrderPaid.class, (event, delivery) -> {
                    if (points.get(event.userId()) == null) {
                        throw new NoSuchElementException("user " + event.userId());
                    }
                    add(event.userId(), event.amount());
                });
    }

    /** Case 3: an order that is not paid has nothing to take back. */
    ProcessorSpec paidAndCancelled() {
        return ProcessorSpec.named("paid-cancelled")
                .on(OrderPaid.class, (event, delivery) -> {
                    paid.put(event.orderId(), event.amount());
                    add(event.userId(), event.amount());
                })
                .on(OrderCancelled.class, (event, delivery) -> {
                    Integer amount = paid.get(event.orderId());
                    if (amount != null) {
                        add(event.userId(), -amount);
                    }
                });
    }

    /** Case 4: the points begin anew in another region. */
    ProcessorSpec regions() {
        return ProcessorSpec.named("regions")
                .on(RegionChanged.class, (event, delivery) -> points.put(event.userId(), 0))
                .on(OrderPaid.class, (event, delivery) -> add(event.userId(), event.amount()));
    }

    /** Case 5: the last event that comes is taken for the newest. */
    ProcessorSpec synchronizer() {
        return ProcessorSpec.named("users")
                .on(UserCreated.class, (event, delivery) -> users.put(event.id(), event.name()))
                .on(UserChanged.class, (event, delivery) -> users.put(event.id(), event.name()))
                .on(UserDeleted.class, (event, delivery) -> users.remove(event.id()));
    }

    private void add(String user, int amount) {
        points.update(user, old -> (old == null ? 0 : old) + amount);
    }
}

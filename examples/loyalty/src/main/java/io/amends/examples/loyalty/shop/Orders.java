package io.amends.examples.loyalty.shop;

import io.amends.api.EventPublisher;
import io.amends.examples.loyalty.event.OrderCancelled;
import io.amends.examples.loyalty.event.OrderPaid;
import io.amends.examples.loyalty.web.Problems;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The orders of the shop. Each change and its event commit together, or not at all. */
@Service
public class Orders {
    private final JdbcClient jdbc;
    private final Users users;
    private final EventPublisher events;
    private final InstantSource clock = InstantSource.system();

    Orders(JdbcClient jdbc, Users users, EventPublisher events) {
        this.jdbc = jdbc;
        this.users = users;
        this.events = events;
    }

    /** Creates an order; nobody is told before it is paid or cancelled. */
    @Transactional
    public Order create(String id, String userId, BigDecimal amount) {
        users.hold(userId);
        int created = jdbc.sql("insert into orders (id, user_id, amount) values (?, ?, ?) on conflict do nothing")
                .params(id, userId, amount)
                .update();
        if (created == 0) {
            throw Problems.conflict("order " + id + ": exists already");
        }
        return new Order(id, userId, amount, null, null);
    }

    /** Pays an order; once more changes nothing. */
    @Transactional
    public Order pay(String id) {
        Order order = hold(id);
        if (order.cancelledTime() != null) {
            throw Problems.conflict("order " + id + ": is cancelled");
        }
        if (order.paidTime() != null) {
            return order;
        }
        User user = users.hold(order.userId());
        Instant now = now();
        jdbc.sql("update orders set paid_time = ? where id = ?")
                .params(Timestamp.from(now), id)
                .update();
        events.publish(new OrderPaid(id, user.id(), order.amount(), now, user.regionVersion()));
        return new Order(id, order.userId(), order.amount(), now, null);
    }

    /** Cancels an order, paid or not; once more changes nothing. */
    @Transactional
    public Order cancel(String id) {
        Order order = hold(id);
        if (order.cancelledTime() != null) {
            return order;
        }
        users.hold(order.userId());
        Instant now = now();
        jdbc.sql("update orders set cancelled_time = ? where id = ?")
                .params(Timestamp.from(now), id)
                .update();
        events.publish(new OrderCancelled(id, order.userId(), order.amount(), order.paidTime(), now));
        return new Order(id, order.userId(), order.amount(), order.paidTime(), now);
    }

    private Order hold(String id) {
        return jdbc.sql("select id, user_id, amount, paid_time, cancelled_time from orders where id = ? for update")
                .param(id)
                .query((row, number) -> new Order(
                        row.getString("id"),
                        row.getString("user_id"),
                        row.getBigDecimal("amount"),
                        instant(row.getTimestamp("paid_time")),
                        instant(row.getTimestamp("cancelled_time"))))
                .optional()
                .orElseThrow(() -> Problems.notFound("order " + id + ": unknown"));
    }

    private static @Nullable Instant instant(@Nullable Timestamp time) {
        return time == null ? null : time.toInstant();
    }

    /** Now, as exact as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}

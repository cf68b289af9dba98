package io.amends.examples.docs;

import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.api.Retry;
import java.math.BigDecimal;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

class GettingStartedSnippets {

    @EventType("shop.order.paid")
    record OrderPaid(String orderId, @EventKey String userId, BigDecimal amount) {}

    @EventType("points.added")
    record PointsAdded(@EventKey String userId, long points) {}

    static class CardExpiredException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CardExpiredException(String orderId) {
            super("card of order " + orderId);
        }
    }

    @Service
    class Checkout {
        private final JdbcClient jdbc;
        private final EventPublisher events;

        Checkout(JdbcClient jdbc, EventPublisher events) {
            this.jdbc = jdbc;
            this.events = events;
        }

        @Transactional
        public void pay(String orderId, String userId, BigDecimal amount) {
            jdbc.sql("update orders set paid = true where id = ?")
                    .param(orderId)
                    .update();
            events.publish(new OrderPaid(orderId, userId, amount));
        }
    }

    @Component
    @EventProcessor(name = "points")
    class Points {
        private final JdbcClient jdbc;

        Points(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @OnEvent
        Optional<PointsAdded> on(OrderPaid paid) {
            long points = paid.amount().longValue();
            jdbc.sql("update score set points = points + ? where user_id = ?")
                    .params(points, paid.userId())
                    .update();
            return points < 100 ? Optional.empty() : Optional.of(new PointsAdded(paid.userId(), points));
        }
    }

    @Component
    @EventProcessor(name = "billing")
    @Retry(maxRetries = 5, minBackoff = 60, unrecoverable = CardExpiredException.class)
    class Billing {
        @OnEvent
        @Retry(executionTimeout = 30)
        void on(OrderPaid paid) {
            throw new CardExpiredException(paid.orderId());
        }
    }
}

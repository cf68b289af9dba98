package io.amends.examples.docs;

import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.api.RunAfter;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

class ReadmeSnippet {
    private final OrderTable orders;
    private final ScoreTable scores;
    private final EventPublisher events;

    ReadmeSnippet(OrderTable orders, ScoreTable scores, EventPublisher events) {
        this.orders = orders;
        this.scores = scores;
        this.events = events;
    }

    interface OrderTable {
        void markPaid(String orderId);
    }

    interface ScoreTable {
        void add(String userId, long points);
    }

    @EventType("order.refunded")
    record OrderRefunded(String orderId, @EventKey String userId, long amount) {}

    @EventType("order.paid")
    record OrderPaid(String orderId, @EventKey String userId, long amount) {}

    @Transactional
    void pay(String orderId, String userId, long amount) {
        orders.markPaid(orderId);
        events.publish(new OrderPaid(orderId, userId, amount));
    }

    @Component
    @EventProcessor(name = "points")
    class Points {
        @OnEvent
        void on(OrderPaid paid) {
            scores.add(paid.userId(), paid.amount());
        }

        @RunAfter(event = OrderPaid.class, key = "orderId")
        @OnEvent
        void on(OrderRefunded refund) {
            scores.add(refund.userId(), -refund.amount());
        }
    }
}

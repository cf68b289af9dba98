package io.amends.spring.shop;

import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.api.StartFrom;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityListeners;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.PostUpdate;
import jakarta.persistence.Table;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** Orders that are paid earn points. */
@SpringBootApplication
@EnableJpaRepositories(considerNestedRepositories = true)
public class ShopApplication {

    @EventType("order.paid")
    record OrderPaid(@EventKey String userId, String orderId, int amount) {}

    @EventType("order.changed")
    record OrderChanged(@EventKey String userId, String orderId, String status) {}

    @EventType("points.earned")
    record PointsEarned(@EventKey String userId, int total) {}

    record Paid(String orderId) {}

    @Entity
    @Table(name = "orders")
    @EntityListeners(OrderListener.class)
    static class Order {
        @Id
        String id = "";

        String userId = "";
        String status = "NEW";
        int amount;
    }

    @Entity
    @Table(name = "accounts")
    static class Account {
        @Id
        String userId = "";

        int points;
    }

    interface Orders extends JpaRepository<Order, String> {}

    interface Accounts extends JpaRepository<Account, String> {}

    /** Publishes from inside a flush; made by Hibernate while the persistence unit is. */
    @Component
    static class OrderListener {
        private final EventPublisher events;

        OrderListener(EventPublisher events) {
            this.events = events;
        }

        @PostUpdate
        void changed(Order order) {
            events.publish(new OrderChanged(order.userId, order.id, order.status));
        }
    }

    @Service
    static class Shop {
        private final Orders orders;
        private final EventPublisher events;
        private final ApplicationEventPublisher local;

        Shop(Orders orders, EventPublisher events, ApplicationEventPublisher local) {
            this.orders = orders;
            this.events = events;
            this.local = local;
        }

        @Transactional
        void place(String id, String userId, int amount) {
            Order order = new Order();
            order.id = id;
            order.userId = userId;
            order.amount = amount;
            orders.save(order);
        }

        /** Changes an entity that is not written before the flush, and publishes. */
        @Transactional
        void pay(String id) {
            Order order = orders.findById(id).orElseThrow();
            events.publish(new OrderPaid(order.userId, id, order.amount));
            order.status = "PAID";
            local.publishEvent(new Paid(id));
        }

        @Transactional
        void payAndFail(String id) {
            pay(id);
            throw new IllegalStateException("card refused");
        }

        @Transactional
        void ship(String id) {
            orders.findById(id).orElseThrow().status = "SHIPPED";
        }

        void publishOutside() {
            events.publish(new OrderPaid("u", "o", 1));
        }
    }

    @Component
    static class BeforeCommit {
        private final EventPublisher events;

        BeforeCommit(EventPublisher events) {
            this.events = events;
        }

        @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
        void paid(Paid paid) {
            events.publish(new OrderChanged("-", paid.orderId(), "noticed before commit"));
        }
    }

    /** Uses repositories, JPQL and a returned event in one transaction with the cursor. */
    @EventProcessor(name = "points", startFrom = StartFrom.EARLIEST)
    @Component
    static class Points {
        static final Set<String> CLOSED = ConcurrentHashMap.newKeySet();
        private final Accounts accounts;
        private final EntityManager entities;

        Points(Accounts accounts, EntityManager entities) {
            this.accounts = accounts;
            this.entities = entities;
        }

        @OnEvent
        @Transactional
        public Optional<PointsEarned> on(OrderPaid paid) {
            Account account = accounts.findById(paid.userId()).orElse(null);
            if (account == null) {
                account = new Account();
                account.userId = paid.userId();
                entities.persist(account);
            }
            account.points += paid.amount();
            if (CLOSED.contains(paid.userId())) {
                throw new AccountClosedException();
            }
            return Optional.of(new PointsEarned(paid.userId(), account.points));
        }
    }

    static class AccountClosedException extends RuntimeException implements io.amends.api.CodedError {
        AccountClosedException() {
            super("the account is closed");
        }

        @Override
        public String errorCode() {
            return "ACCOUNT_CLOSED";
        }
    }
}

package io.amends.examples.docs;

import io.amends.api.Advances;
import io.amends.api.EntityEvents;
import io.amends.api.EntitySynchronizer;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventVersion;
import io.amends.api.OnEvent;
import io.amends.api.RequireVersion;
import io.amends.api.Retry;
import io.amends.api.RunAfter;
import io.amends.api.Wait;
import java.math.BigDecimal;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The snippets of docs/waits.md and docs/cases, compiled. */
class WaitsSnippets {

    record OrderPaid(String userId, String orderId, BigDecimal amount, long userRegionVersion) {}

    record OrderCancelled(
            String userId, String orderId, @Nullable String paidTime) {}

    interface Scores {
        void add(String userId, String orderId, BigDecimal amount);

        void takeBack(String userId, String orderId);
    }

    interface Users {
        Optional<String> find(String userId);
    }

    static class Declared {
        private final Scores points;

        Declared(Scores points) {
            this.points = points;
        }

        @EventProcessor(name = "points", key = "userId")
        class Points {
            @OnEvent
            @RequireVersion(processor = "users", stream = "region", key = "userId", atLeast = "userRegionVersion")
            void on(OrderPaid event) {
                points.add(event.userId(), event.orderId(), event.amount());
            }

            @OnEvent
            @RunAfter(
                    event = OrderPaid.class,
                    key = {"userId", "orderId"},
                    when = "paidTime")
            void on(OrderCancelled event) {
                points.takeBack(event.userId(), event.orderId());
            }
        }
    }

    static class InCode {
        private final Users users;

        InCode(Users users) {
            this.users = users;
        }

        @OnEvent
        void on(OrderPaid event) {
            if (users.find(event.userId()).isEmpty()) {
                throw Wait.forNext();
            }
        }
    }

    static class ByException {
        @EventProcessor(name = "points", key = "userId")
        @Retry(waitOn = NoSuchElementException.class)
        class Points {
            @OnEvent
            void on(OrderPaid event) {}
        }
    }

    @EntityEvents(value = "shop.user", key = "id", version = "entityVersion")
    record UserSnapshot(
            @EventKey String id,
            long regionVersion,
            @EventVersion long entityVersion) {}

    record LocalUser(String id, long regionVersion) {}

    static class Following {
        @EventProcessor(name = "users", key = "id")
        @Advances(stream = "region", key = "id", version = "regionVersion")
        class LocalUsers extends EntitySynchronizer<UserSnapshot, LocalUser> {
            @Override
            protected @Nullable LocalUser find(String key) {
                return null;
            }

            @Override
            protected LocalUser map(UserSnapshot snapshot, @Nullable LocalUser local) {
                return new LocalUser(snapshot.id(), snapshot.regionVersion());
            }

            @Override
            protected void create(LocalUser local) {}

            @Override
            protected void update(LocalUser local) {}

            @Override
            protected void delete(LocalUser local) {}
        }
    }
}

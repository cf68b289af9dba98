package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.NoTransactionException;
import io.amends.core.event.StoredEvent;
import io.amends.core.store.Signal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

abstract class PublishContract extends ContractStage {

    @Test
    void anEventExistsOnceItsTransactionHasCommitted() {
        harness.inCallerTransaction(() -> {
            store.caller().publish(event("e1"), false);
            assertThat(elsewhere(() -> harness.otherNode().relay(10).moved()))
                    .as("seen before the commit")
                    .isZero();
        });

        assertThat(store.relay(10).moved()).isEqualTo(1);
        assertThat(inboxIds()).containsExactly("e1");
    }

    @Test
    void anEventAndTheDataOfItsTransactionExistTogether() {
        harness.inCallerTransaction(() -> {
            harness.writeEffect("order");
            store.caller().publish(event("e1"), false);
        });

        assertThat(harness.effects()).containsExactly("order");
        assertThat(store.relay(10).moved()).isEqualTo(1);
    }

    @Test
    void aRolledBackTransactionPublishesNothing() {
        assertThatThrownBy(() -> harness.inCallerTransaction(() -> {
                    harness.writeEffect("order");
                    store.caller().publish(event("e1"), false);
                    throw new IllegalStateException("no");
                }))
                .hasMessageContaining("no");

        assertThat(harness.effects()).isEmpty();
        assertThat(store.relay(10).moved()).isZero();
    }

    @Test
    void aTransactionThatFailsInItsCommitPublishesNothing() {
        assertThatThrownBy(() -> harness.inCallerTransaction(() -> {
                    store.caller().publish(event("e1"), false);
                    harness.failAtCommit();
                }))
                .isInstanceOf(Exception.class);

        assertThat(store.relay(10).moved()).isZero();
    }

    @Test
    void outsideATransactionNothingIsPublished() {
        assertThat(store.caller().isActive()).isFalse();
        assertThatThrownBy(() -> store.caller().publish(event("e1"), false)).isInstanceOf(NoTransactionException.class);
        harness.inCallerTransaction(() -> assertThat(store.caller().isActive()).isTrue());
        assertThat(store.caller().isActive()).isFalse();
        assertThat(store.relay(10).moved()).isZero();
    }

    @Test
    void eventsOfATransactionKeepTheOrderOfTheCalls() {
        publish("e3", "e1", "e2");
        publish("e0");
        store.relay(10);

        assertThat(inboxIds()).containsExactly("e3", "e1", "e2", "e0");
    }

    @Test
    void whatARolledBackSavepointPublishedIsDropped() {
        harness.inCallerTransaction(() -> {
            store.caller().publish(event("e1"), false);
            harness.rolledBackToSavepoint(() -> store.caller().publish(event("e2"), false));
            store.caller().publish(event("e3"), false);
        });
        store.relay(10);

        assertThat(inboxIds()).containsExactly("e1", "e3");
    }

    @Test
    void aNewTransactionIsIndependentOfTheOneAroundIt() {
        assertThatThrownBy(() -> harness.inCallerTransaction(() -> {
                    store.caller().publish(event("outer"), false);
                    store.caller().inNew(() -> store.caller().publish(event("inner"), false));
                    throw new IllegalStateException("no");
                }))
                .hasMessageContaining("no");
        store.relay(10);

        assertThat(inboxIds()).containsExactly("inner");
    }

    @Test
    void aNewTransactionThatThrowsPublishesNothing() {
        assertThatThrownBy(() -> store.caller().inNew(() -> {
                    store.caller().publish(event("e1"), false);
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(store.caller().isActive()).isFalse();
        assertThat(store.relay(10).moved()).isZero();
    }

    @Test
    void anEventBeyondTheInboxsLimitsFailsItsTransaction() {
        assertThatThrownBy(() -> harness.inCallerTransaction(() -> {
                    store.caller().publish(event("e1"), false);
                    store.caller().publish(event("x".repeat(256)), false);
                }))
                .isInstanceOf(Exception.class);

        assertThat(store.relay(10).moved()).isZero();
    }

    @Test
    void everyAttributeArrivesAsItWasPublished() {
        EventEnvelope full = new EventEnvelope(
                "id-ü-漢-\uD83D\uDE00",
                "https://shop.example/orders",
                "loyalty.order.paid",
                "order 7",
                Instant.parse("2026-03-01T12:34:56.123456Z"),
                "application/json",
                "{\"name\":\"Zoë\"}".getBytes(StandardCharsets.UTF_8),
                "tenant-1:user-1",
                Long.MAX_VALUE,
                -3L,
                "correlation",
                "causation",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                new Headers(Map.of("tenant", "t 1", "a1", "\"quoted\\ and, separated=\"")));
        EventEnvelope least = new EventEnvelope(
                "id-2", "/s", "t", null, null, null, null, null, null, null, null, null, null, Headers.NONE);
        harness.inCallerTransaction(() -> {
            store.caller().publish(full, false);
            store.caller().publish(least, true);
        });
        store.relay(10);

        assertThat(store.read(0, 10).events())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(new StoredEvent(1, "local", full), new StoredEvent(2, "local", least));
    }

    @Test
    void anEmptyPayloadIsNotAMissingOne() {
        harness.inCallerTransaction(() -> store.caller().publish(event("e1", PAID, ""), false));
        store.relay(10);

        assertThat(store.read(0, 10).events().get(0).event().data()).isNotNull().isEmpty();
    }

    @Test
    void aCommitThatPublishedIsHeardByListenersOfTheNode() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        AutoCloseable listening = store.listen(signals -> {
            if (signals.contains(Signal.OUTBOX)) {
                heard.countDown();
            }
        });
        try {
            publish("e1");
            assertThat(heard.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            listening.close();
        }
    }
}

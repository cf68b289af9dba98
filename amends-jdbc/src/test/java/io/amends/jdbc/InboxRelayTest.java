package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.core.store.RelayResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the relay does with rows that the inbox does not take, and how doors share the head. */
class InboxRelayTest {
    private final PostgresHarness harness = new PostgresHarness();

    @AfterEach
    void close() {
        harness.closeAndDrop();
    }

    @Test
    void aRowThatTheInboxDoesNotTakeIsSetAsideAndTheOthersPass() {
        execute("alter table ${schema}.inbox add check (type <> 'bad')");
        publish("e1", "good");
        publish("e2", "good");
        publish("e3", "bad");
        publish("e4", "good");
        publish("e5", "bad");
        publish("e6", "good");

        int moved = 0;
        int rejected = 0;
        RelayResult result;
        do {
            result = harness.store().relay(100);
            moved += result.moved();
            rejected += result.rejected();
        } while (result.more());

        assertThat(moved).isEqualTo(4);
        assertThat(rejected).isEqualTo(2);
        assertThat(harness.store().read(0, 10).events())
                .extracting(event -> event.event().id())
                .containsExactly("e1", "e2", "e4", "e6");
        assertThat(harness.rejected()).isEqualTo(2);
        assertThat(number("select count(*) from ${schema}.rejected where reason like '23514 %' and id in ('e3', 'e5')"))
                .isEqualTo(2);
        assertThat(number("select count(*) from ${schema}.outbox")).isZero();
    }

    @Test
    void aFaultOfTheSchemaIsNotTakenForABadRow() {
        execute("alter table ${schema}.inbox rename column type to kind");
        publish("e1", "good");

        assertThatThrownBy(() -> harness.store().relay(100)).isInstanceOf(StoreSqlException.class);
        assertThat(harness.rejected()).isZero();
        assertThat(number("select count(*) from ${schema}.outbox")).isEqualTo(1);
    }

    @Test
    void aDoorWaitsForTheHead() {
        harness.whileHeadIsHeld(() -> assertThatThrownBy(
                        () -> harness.store().append(List.of(event("e1", "good")), "http"))
                .isInstanceOf(io.amends.core.store.StoreUnavailableException.class)
                .hasMessageContaining("lock timeout"));
        assertThat(harness.store().append(List.of(event("e1", "good")), "http")).hasSize(1);
    }

    @Test
    void givenIdsAreForgottenAfterThirtyDays() {
        harness.store().append(List.of(event("e1", "good")), "http");
        harness.advance(Duration.ofDays(29));
        harness.store().retain(Duration.ofDays(300), 10);
        assertThat(number("select count(*) from ${schema}.dedupe")).isEqualTo(1);

        harness.advance(Duration.ofDays(3));
        harness.store().retain(Duration.ofDays(300), 10);
        assertThat(number("select count(*) from ${schema}.dedupe")).isZero();
    }

    @Test
    void anOversizedPayloadIsRefusedWhereItIsPublished() {
        EventEnvelope big = new EventEnvelope(
                "e1",
                "/s",
                "t",
                null,
                null,
                null,
                new byte[(16 << 20) + 1],
                null,
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);

        assertThatThrownBy(() -> harness.inCallerTransaction(
                        () -> harness.store().caller().publish(big, false)))
                .hasMessageContaining("outbox_data_length");
    }

    private void publish(String id, String type) {
        harness.inCallerTransaction(() -> harness.store().caller().publish(event(id, type), false));
    }

    private static EventEnvelope event(String id, String type) {
        return new EventEnvelope(
                id, "/s", type, null, null, null, null, null, null, null, null, null, null, Headers.NONE);
    }

    private void execute(String sql) {
        TestServer.execute(harness.dataSource(), harness.schema.in(sql));
    }

    private long number(String sql) {
        return TestServer.number(harness.dataSource(), harness.schema.in(sql));
    }
}

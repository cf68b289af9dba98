package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.failure.FailureId;
import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.AuditTicket;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.PolicyOverride;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

abstract class AuditContract extends ContractStage {

    @Test
    void aLineIsUnknownUntilItsEndIsWritten() {
        long n = begun(entry("failure.prepare", "anna", "f-1"), null);
        AuditLine open = only(AuditSearch.ALL);
        assertThat(open.n()).isEqualTo(n);
        assertThat(open.entry()).isEqualTo(entry("failure.prepare", "anna", "f-1"));
        assertThat(open.outcome().result()).isEqualTo(AuditOutcome.Result.UNKNOWN);

        AuditOutcome done = outcome(AuditOutcome.Result.DONE, null);
        harness.operatorStore().end(n, done);
        assertThat(only(AuditSearch.ALL).outcome()).isEqualTo(done);
    }

    @Test
    void whoHasALineForACommandGetsNoOther() {
        owned();
        begun(entry("policy.override", "anna", "f-1"), null);
        LaneCommand command = new LaneCommand(POINTS, LANE, "anna", "INC-1", null).withAudited(true);
        assertThat(store.pauseLane(command)).isEqualTo(LaneChange.DONE);
        assertThat(store.resumeLane(command)).isEqualTo(LaneChange.DONE);
        assertThat(store.pause(POINTS, true, "anna", "INC-1", true)).isTrue();
        assertThat(store.pause(POINTS, false, "anna", null, true)).isTrue();
        RetryPolicyChange change = new RetryPolicyChange(null, 3, null, null, null, null);
        PolicyOverride.Draft draft =
                new PolicyOverride.Draft(POINTS, "on-" + PAID, change, "anna", "INC-1", null, null);
        assertThat(store.overridePolicy(draft.withAudited(true))).isTrue();
        assertThat(store.removeOverride(POINTS, "on-" + PAID, "anna", null, true))
                .isTrue();
        assertThat(only(AuditSearch.ALL).entry().action()).isEqualTo("policy.override");
    }

    @Test
    void anEndIsWrittenOnce() {
        long n = begun(entry("failure.prepare", "anna", "f-1"), null);
        harness.operatorStore().end(n, outcome(AuditOutcome.Result.REFUSED, "already-done"));
        harness.operatorStore().end(n, outcome(AuditOutcome.Result.DONE, null));
        assertThat(only(AuditSearch.ALL).outcome().code()).isEqualTo("already-done");
    }

    @Test
    void aCommandWithAKeyIsBegunOnceForItsActor() {
        AuditEntry entry = entry("failure.prepare", "anna", "f-1");
        long n = begun(entry, new AuditTicket.Key("k-1", "hash-1"));
        assertThat(harness.operatorStore().begin(entry, new AuditTicket.Key("k-1", "hash-2")))
                .isEqualTo(new AuditTicket.Repeated("hash-1", null));

        AuditOutcome.Answer answer = new AuditOutcome.Answer(202, "{\"a\":\"ü\"}");
        harness.operatorStore()
                .end(
                        n,
                        new AuditOutcome(
                                AuditOutcome.Result.DONE,
                                null,
                                Collections.emptySortedMap(),
                                Collections.emptySortedMap(),
                                answer));
        assertThat(harness.operatorStore().begin(entry, new AuditTicket.Key("k-1", "hash-1")))
                .isEqualTo(new AuditTicket.Repeated("hash-1", answer));
        begun(entry("failure.prepare", "bert", "f-1"), new AuditTicket.Key("k-1", "hash-1"));
        begun(entry, new AuditTicket.Key("k-2", "hash-1"));
        begun(entry, null);
        begun(entry, null);
        assertThat(lines(AuditSearch.ALL)).hasSize(5);
    }

    @Test
    void linesAreFoundByEachOfTheirPartsAndReadPageByPage() {
        long first = begun(entry("failure.prepare", "anna", "f-1"), null);
        long second = begun(
                new AuditEntry("group.note", "bert", null, "points", null, "v1:abc", "why", new TreeMap<>()), null);
        AuditSearch all = AuditSearch.ALL;
        assertThat(numbers(all)).containsExactly(second, first);
        assertThat(numbers(new AuditSearch("anna", null, null, null, null, null, null)))
                .containsExactly(first);
        assertThat(numbers(new AuditSearch(null, "group.note", null, null, null, null, null)))
                .containsExactly(second);
        assertThat(numbers(new AuditSearch(null, null, "points", null, null, null, null)))
                .containsExactly(second);
        assertThat(numbers(new AuditSearch(null, null, null, new FailureId("f-1"), null, null, null)))
                .containsExactly(first);
        assertThat(numbers(new AuditSearch(null, null, null, null, "v1:abc", null, null)))
                .containsExactly(second);
        AuditLine line = lines(all).get(1);
        assertThat(numbers(new AuditSearch(null, null, null, null, null, line.at(), null)))
                .contains(first);
        assertThat(numbers(new AuditSearch(null, null, null, null, null, null, line.at())))
                .isEmpty();
        assertThat(harness.operatorStore().audit(all, second, 10)).hasSize(1);
        assertThat(harness.operatorStore().audit(all, null, 1)).hasSize(1);
    }

    @Test
    void linesAreRemovedWhenTheyAreOldEnoughAndTheirOutcomeIsKnown() {
        long open = begun(entry("failure.prepare", "anna", "f-1"), null);
        long ended = begun(entry("failure.prepare", "anna", "f-2"), null);
        long alsoEnded = begun(entry("failure.prepare", "anna", "f-3"), null);
        harness.operatorStore().end(ended, outcome(AuditOutcome.Result.DONE, null));
        harness.operatorStore().end(alsoEnded, outcome(AuditOutcome.Result.REFUSED, "already-done"));
        assertThat(harness.operatorStore().pruneAudit(Duration.ofHours(1), 10)).isZero();
        harness.advance(Duration.ofHours(2));
        long later = begun(entry("failure.prepare", "anna", "f-4"), null);
        harness.operatorStore().end(later, outcome(AuditOutcome.Result.DONE, null));

        assertThat(harness.operatorStore().pruneAudit(Duration.ofHours(1), 1)).isEqualTo(1);
        assertThat(numbers(AuditSearch.ALL)).containsExactly(later, alsoEnded, open);
        assertThat(harness.operatorStore().pruneAudit(Duration.ofHours(1), 10)).isEqualTo(1);
        harness.advance(Duration.ofDays(4000));
        assertThat(harness.operatorStore().pruneAudit(Duration.ofHours(1), 10)).isEqualTo(1);
        assertThat(numbers(AuditSearch.ALL))
                .as("nobody knows what became of it")
                .containsExactly(open);
    }

    @Test
    void aForgottenKeyBeginsAnotherCommandAndItsLineStays() {
        AuditTicket.Key key = new AuditTicket.Key("k-1", "hash-1");
        AuditTicket.Key openKey = new AuditTicket.Key("k-2", "hash-2");
        AuditEntry entry = entry("failure.prepare", "anna", "f-1");
        long n = begun(entry, key);
        harness.operatorStore().end(n, outcome(AuditOutcome.Result.DONE, null));
        begun(entry, openKey);
        assertThat(harness.operatorStore().forgetRequestKeys(Duration.ofHours(1), 10))
                .isZero();
        harness.advance(Duration.ofHours(2));

        assertThat(harness.operatorStore().forgetRequestKeys(Duration.ofHours(1), 10))
                .isEqualTo(1);
        assertThat(harness.operatorStore().forgetRequestKeys(Duration.ofHours(1), 10))
                .isZero();
        begun(entry, key);
        assertThat(harness.operatorStore().begin(entry, openKey)).isInstanceOf(AuditTicket.Repeated.class);
        assertThat(lines(AuditSearch.ALL)).hasSize(3);
    }

    private static AuditEntry entry(String action, String actor, String failure) {
        return new AuditEntry(
                action,
                actor,
                "127.0.0.1",
                null,
                new FailureId(failure),
                null,
                "because 'of' \\ it\n",
                new TreeMap<>(Map.of("force", "true")));
    }

    private static AuditOutcome outcome(AuditOutcome.Result result, @Nullable String code) {
        return new AuditOutcome(
                result,
                code,
                new TreeMap<>(Map.of("state", "FAILED")),
                new TreeMap<>(Map.of("state", "SKIPPED")),
                null);
    }

    private long begun(AuditEntry entry, AuditTicket.@Nullable Key key) {
        AuditTicket ticket = harness.operatorStore().begin(entry, key);
        assertThat(ticket).isInstanceOf(AuditTicket.Begun.class);
        return ((AuditTicket.Begun) ticket).n();
    }

    private AuditLine only(AuditSearch search) {
        assertThat(lines(search)).hasSize(1);
        return lines(search).getFirst();
    }

    private List<AuditLine> lines(AuditSearch search) {
        return harness.operatorStore().audit(search, null, 100);
    }

    private List<Long> numbers(AuditSearch search) {
        return lines(search).stream().map(AuditLine::n).toList();
    }
}

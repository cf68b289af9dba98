package io.amends.testkit.model;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.RetryState;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DueBatch;
import io.amends.core.store.HeldLane;
import io.amends.core.store.InboxBatch;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.MappingChangedException;
import io.amends.core.store.Membership;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.RelayResult;
import io.amends.core.store.SlotId;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TimedOut;
import io.amends.core.store.TransactionResult;
import io.amends.core.store.WaitingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes answers as text in which times are ticks and fences are numbers of claims, so that two stores compare. */
final class AnswerText {
    private final List<Claim> claims;

    AnswerText(List<Claim> claims) {
        this.claims = claims;
    }

    static String kind(RuntimeException error) {
        return error instanceof MappingChangedException ? "MappingChanged" : "";
    }

    String of(@Nullable Object answer) {
        return switch (answer) {
            case null -> "null";
            case List<?> list -> list.stream().map(this::of).collect(Collectors.joining("; ", "[", "]"));
            case Optional<?> optional -> optional.map(this::of).orElse("empty");
            case RelayResult r ->
                "moved " + r.moved() + ", duplicates " + r.duplicates() + ", rejected " + r.rejected() + ", head "
                        + r.head();
            case InboxBatch b -> of(b.events()) + " up to " + b.upTo() + " of " + b.logStart() + ".." + b.head();
            case StoredEvent e -> event(e);
            case CursorMove m -> "move " + m.claim().slot() + " " + m.from() + ">" + m.to();
            case TakenSlot t -> t.claim().slot() + " at " + t.position() + " suspects " + t.suspects();
            case HeldLane l ->
                l.slot() + " " + l.laneKey() + (l.released() ? " released" : "") + (l.stopsSlot() ? " stops" : "");
            case LaneEvent l ->
                l.kind() + " " + l.event().position() + " " + l.event().event().id() + " " + l.failure() + " lost "
                        + l.lost() + (l.timedOut() == null ? "" : " " + of(l.timedOut()));
            case TimedOut t -> "waited for " + t.what() + " " + ticks(t.lasted()) + ", now " + t.then();
            case WaitingEvent w -> wait(w);
            case Duration d -> ticks(d);
            case FailedExecution f -> record(f);
            case Change c -> change(c);
            case HistoryEntry h -> line(h);
            // which records are prepared is promised, oldest first; not their order within one answer
            case DueBatch d ->
                of(d.prepared().stream()
                                .sorted(Comparator.comparing(f -> f.id().value()))
                                .toList())
                        + " next " + ticks(d.nextDueIn());
            case ProcessorGauge g ->
                g.processor() + " " + g.position() + "/" + g.head() + " age " + ticks(g.oldestAge()) + " failed "
                        + g.failed() + " parked " + g.parked() + " unowned " + g.unowned()
                        + (g.paused() ? " paused" : "");
            case Membership m -> membership(m);
            case TransactionResult.Committed<?> c -> "committed " + c.value();
            case TransactionResult.RolledBack<?> r -> "rolled back " + r.value();
            case TransactionResult.Threw<?> t -> "threw, again " + t.serialization();
            case TransactionResult.ConnectionLost<?> lost -> "connection lost";
            default -> answer.toString();
        };
    }

    private static String event(StoredEvent e) {
        byte[] data = e.event().data();
        return e.position() + " " + e.origin() + " " + e.event().id() + " "
                + (data == null ? "no data" : new String(data, StandardCharsets.UTF_8));
    }

    private String record(FailedExecution f) {
        RetryState r = f.retry();
        byte[] data = f.event().data();
        return f.id() + " " + f.event().id() + " "
                + (data == null ? "no data" : new String(data, StandardCharsets.UTF_8))
                + " @" + f.position() + " " + f.processor() + "/" + f.slot() + " lane " + f.laneKey()
                + (f.stopsSlot() ? " stops " : " ") + f.function() + " " + f.reason() + " "
                + f.error().code() + " "
                + f.fingerprint() + " ran " + between(f.firstFailedAt(), f.executedAt()) + " " + f.policy() + " "
                + f.status() + " " + f.recoverability() + " by " + f.recoverabilityBy() + " tenant " + f.tenant() + " "
                + f.build() + " attempt " + r.attempt() + " retries " + r.retries() + " lost " + r.lostAttempts()
                + (r.requested() ? " requested" : "") + " began " + between(f.firstFailedAt(), r.retryAt())
                + " timeout " + between(r.retryAt(), r.timeoutAt()) + " next " + between(r.retryAt(), r.nextRetryAt())
                + " on " + r.node() + " under " + claim(new SlotId(f.processor(), f.slot()), r.fence());
    }

    private static String wait(WaitingEvent w) {
        return "wait of " + w.processor() + "/" + w.slot() + " lane " + w.laneKey() + " @" + w.position() + " "
                + w.source() + " " + w.id() + " " + w.type() + " " + w.key() + " for " + w.what() + " until "
                + between(w.since(), w.until()) + " due " + between(w.since(), w.dueAt()) + " tried " + w.tries() + " "
                + w.failure() + " followers " + w.followers();
    }

    private String change(Change change) {
        return switch (change) {
            case Change.Write write -> "write " + record(write.after()) + " | " + line(write.entry());
            case Change.Remove remove -> "remove";
            case Change.Refuse refuse -> "refuse " + refuse.refusal();
        };
    }

    private static String line(HistoryEntry h) {
        return h.type() + " attempt " + h.attempt() + " by " + h.actor() + " because " + h.reason() + " " + h.details();
    }

    private String membership(Membership m) {
        String nodes = m.nodes().stream()
                .map(n -> n.id() + " " + n.build() + " " + n.host() + " " + ticks(n.expiresIn()) + " "
                        + new TreeMap<>(n.types()))
                .collect(Collectors.joining(", "));
        List<Claim> owned = m.claims();
        String owns = owned == null
                ? "untold"
                : owned.stream()
                        .map(c -> c.slot() + " as " + claims.indexOf(c))
                        .sorted()
                        .collect(Collectors.joining(", "));
        return m.member() + " {" + nodes + "} " + m.processors() + " owns " + owns;
    }

    private String claim(SlotId slot, long fence) {
        return fence == 0 ? "none" : "claim " + claims.indexOf(new Claim(slot, fence));
    }

    private static String between(Instant from, @Nullable Instant to) {
        return to == null ? "never" : ticks(Duration.between(from, to));
    }

    private static String ticks(@Nullable Duration duration) {
        return duration == null ? "never" : Math.round((double) duration.toMillis() / StoreModel.TICK.toMillis()) + "t";
    }
}

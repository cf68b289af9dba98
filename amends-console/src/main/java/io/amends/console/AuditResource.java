package io.amends.console;

import io.amends.core.failure.FailureId;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.OperatorStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The audit; nothing in the API changes it. */
final class AuditResource {
    private final OperatorStore store;

    AuditResource(OperatorStore store) {
        this.store = store;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/audit", "listAudit", "audit", "Lists who did what, and who read payloads")
                .needs(Permission.AUDIT_READ)
                .takes(
                        Parameter.text("actor", "Who."),
                        Parameter.text("action", "The command, for instance failure.prepare."),
                        Parameter.text("processor", "About this processor."),
                        Parameter.text("failure", "About this failed execution."),
                        Parameter.text("target", "About this group or batch."),
                        Parameter.instant("from", "At this time or later."),
                        Parameter.instant("to", "Before this time."),
                        Parameter.number("after", "The `next` of the page before."),
                        Parameter.limit())
                .answers(200, AuditPage.class, "A page, newest first.")
                .by(this::list));
    }

    /** A page of the audit. */
    public record AuditPage(List<Line> items, @Nullable Long next) {}

    /** A line of the audit. */
    public record Line(
            long n,
            Instant at,
            String action,
            String actor,
            @Nullable String address,
            @Nullable String processor,
            @Nullable String failure,
            @Nullable String target,
            @Nullable String reason,
            Map<String, String> parameters,

            @Described(
                    value = "What became of it; unknown: it began, and its end was not written.",
                    oneOf = {"unknown", "done", "refused"})
            String result,

            @Described("Why it was refused.") @Nullable String code,
            Map<String, String> before,
            Map<String, String> after) {
        static Line of(AuditLine line) {
            FailureId failure = line.entry().failure();
            return new Line(
                    line.n(),
                    line.at(),
                    line.entry().action(),
                    line.entry().actor(),
                    line.entry().address(),
                    line.entry().processor(),
                    failure == null ? null : failure.value(),
                    line.entry().target(),
                    line.entry().reason(),
                    line.entry().parameters(),
                    FailureSearches.wireName(line.outcome().result()),
                    line.outcome().code(),
                    line.outcome().before(),
                    line.outcome().after());
        }
    }

    private ApiResponse list(Call call) {
        Query query = call.query();
        String failure = query.text("failure");
        if (failure != null && failure.length() > 64) {
            query.mistake("failure: " + failure.length() + " characters (expected: at most 64)");
            return ApiResponse.invalid(query.mistakes());
        }
        List<AuditLine> found = store.audit(
                new AuditSearch(
                        query.text("actor"),
                        query.text("action"),
                        query.text("processor"),
                        failure == null ? null : new FailureId(failure),
                        query.text("target"),
                        query.time("from"),
                        query.time("to"),
                        call.identity().scope(Permission.AUDIT_READ)),
                query.number("after"),
                query.limit() + 1);
        List<Line> items = found.stream().limit(query.limit()).map(Line::of).toList();
        return ApiResponse.json(
                200,
                new AuditPage(
                        items, found.size() > query.limit() ? items.getLast().n() : null));
    }
}

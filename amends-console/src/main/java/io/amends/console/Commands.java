package io.amends.console;

import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditTicket;
import io.amends.core.operate.OperatorStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Runs commands so that each has a line in the audit, and one with an Idempotency-Key is done once.
 *
 * <p>The line is written before the command and ended after it: whatever was done has a line, and a line whose end is
 * missing says that nobody knows. A command whose line can not be written is not done.
 */
final class Commands {
    private static final int MAX_KEY = 200;
    private final OperatorStore store;

    Commands(OperatorStore store) {
        this.store = store;
    }

    /**
     * What a command did.
     *
     * @param response the answer
     * @param before values before, by name
     * @param after values after, by name
     */
    record Done(ApiResponse response, SortedMap<String, String> before, SortedMap<String, String> after) {
        static Done with(ApiResponse response) {
            return new Done(response, Collections.emptySortedMap(), Collections.emptySortedMap());
        }
    }

    ApiResponse run(Call call, AuditEntry entry, Supplier<Done> command) {
        // a reading is done each time, with a line each time, and what it answers is nothing to keep
        String sent = call.endpoint().isCommand() ? call.header("idempotency-key") : null;
        if (sent != null && (sent.isBlank() || sent.length() > MAX_KEY || !Texts.isPlain(sent))) {
            return ApiResponse.problem(ProblemKind.INVALID_REQUEST.with(
                    "Idempotency-Key: " + Texts.shown(sent) + " (expected: 1 to " + MAX_KEY + " plain characters)"));
        }
        AuditTicket.Key key = sent == null ? null : new AuditTicket.Key(sent, hash(call.request()));
        return switch (store.begin(entry, key)) {
            case AuditTicket.Repeated repeated -> again(repeated, key == null ? "" : key.hash());
            case AuditTicket.Begun begun -> {
                Done done = command.get();
                ApiResponse response = done.response();
                boolean refused = response.status() >= 400;
                store.end(
                        begun.n(),
                        new AuditOutcome(
                                refused ? AuditOutcome.Result.REFUSED : AuditOutcome.Result.DONE,
                                refused ? codeOf(response) : null,
                                done.before(),
                                done.after(),
                                key == null
                                        ? null
                                        : new AuditOutcome.Answer(
                                                response.status(),
                                                new String(response.body(), StandardCharsets.UTF_8))));
                yield response;
            }
        };
    }

    private static ApiResponse again(AuditTicket.Repeated repeated, String hash) {
        if (!repeated.hash().equals(hash)) {
            return ApiResponse.problem(ProblemKind.IDEMPOTENCY_KEY_REUSED.with(
                    "Idempotency-Key: it came before with another command (expected: a new key for each command)"));
        }
        AuditOutcome.Answer answer = repeated.answer();
        return answer == null
                ? ApiResponse.problem(ProblemKind.OUTCOME_UNKNOWN.with(ProblemKind.OUTCOME_UNKNOWN.description()))
                : new ApiResponse(
                        answer.status(),
                        answer.status() < 400 ? "application/json" : Problem.MEDIA_TYPE,
                        Map.of("Cache-Control", "no-store", "Idempotency-Replayed", "true"),
                        answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private static String codeOf(ApiResponse response) {
        try {
            return String.valueOf(Json.object(response.body()).get("code"));
        } catch (java.io.IOException e) {
            throw new IllegalStateException("a problem that is no JSON", e);
        }
    }

    private static String hash(ApiRequest request) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((request.method() + ' ' + request.path() + '\n').getBytes(StandardCharsets.UTF_8));
            if (!request.query().isEmpty()) {
                // quoted, so that no value can look like another parameter
                digest.update((Json.text(new TreeMap<>(request.query())) + '\n').getBytes(StandardCharsets.UTF_8));
            }
            digest.update(String.valueOf(request.headers().get("if-match")).getBytes(StandardCharsets.UTF_8));
            digest.update(request.body());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

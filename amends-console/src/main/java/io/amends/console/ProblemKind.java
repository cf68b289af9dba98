package io.amends.console;

import io.amends.core.failure.Refusal;
import java.util.Locale;

/** Every kind of problem that the API answers; its code never changes. */
enum ProblemKind {
    INVALID_REQUEST(400, "Invalid request", "A parameter or the body is wrong; all mistakes are listed."),
    UNKNOWN_FUNCTION(400, "Nothing was changed", Refusal.UNKNOWN_FUNCTION.text()),
    UNKNOWN_PROCESSOR(400, "Nothing was changed", Refusal.UNKNOWN_PROCESSOR.text()),
    UNAUTHENTICATED(401, "Sign in", "The request names nobody, or somebody who is not known."),
    SESSION_ENDED(401, "Session ended", "The session is over, or its key is gone; sign in again."),
    REMOTE_ACCESS(403, "Remote access is off", "The API answers this machine only."),
    CROSS_SITE(403, "Cross-site command", "A page of another site sent this command."),
    FORBIDDEN(403, "Not allowed", "The caller lacks the permission that the problem names."),
    NOT_FOUND(404, "Not found", "There is no such thing."),
    METHOD_NOT_ALLOWED(405, "Method not allowed", "The path has another method; see Allow."),
    ALREADY_DONE(409, "Nothing was changed", Refusal.ALREADY_DONE.text()),
    RUNNING(409, "Nothing was changed", Refusal.RUNNING.text()),
    ALREADY_REQUESTED(409, "Nothing was changed", Refusal.ALREADY_REQUESTED.text()),
    NOT_FIRST_IN_LANE(409, "Nothing was changed", Refusal.NOT_FIRST_IN_LANE.text()),
    LANE_PAUSED(409, "Nothing was changed", Refusal.LANE_PAUSED.text()),
    RETRIES_SPENT(409, "Nothing was changed", Refusal.RETRIES_SPENT.text()),
    UNRECOVERABLE(409, "Nothing was changed", Refusal.UNRECOVERABLE.text()),
    UNKNOWN_FOLLOWER(409, "Nothing was changed", Refusal.UNKNOWN_FOLLOWER.text() + "; the detail names the types."),
    TARGET_LANE_HELD(409, "Nothing was changed", Refusal.TARGET_LANE_HELD.text()),
    TARGET_LANE_DIFFERS(409, "Nothing was changed", Refusal.TARGET_LANE_DIFFERS.text()),
    TARGET_HAS_EVENT(409, "Nothing was changed", Refusal.TARGET_HAS_EVENT.text()),
    BATCH_STATE(409, "Nothing was changed", "The batch is in a state in which the command means nothing."),
    OUTCOME_UNKNOWN(
            409,
            "Outcome unknown",
            "A command with this Idempotency-Key has begun, and its end is not known; read the thing again."),
    CHANGED_MEANWHILE(412, "Changed meanwhile", "The version is not the one of If-Match; read it again."),
    TOO_LARGE(413, "Too large", "The body is longer than 64 KiB."),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type", "A command's body is application/json, or there is none."),
    IDEMPOTENCY_KEY_REUSED(422, "Idempotency-Key reused", "The key came before with another command."),
    TOO_MANY_REQUESTS(429, "Too many requests", "Too many failed sign-ins; wait as long as Retry-After says."),
    INTERNAL_ERROR(500, "Internal error", "A fault of the service; its log says more."),
    DATABASE_AWAY(503, "The database is away", "Whether a command was done is unknown."),
    TOO_MANY_STREAMS(503, "Too many streams", "At most 4 streams of one caller and 500 of all; poll instead.");

    private final int status;
    private final String title;
    private final String description;

    ProblemKind(int status, String title, String description) {
        this.status = status;
        this.title = title;
        this.description = description;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    String description() {
        return description;
    }

    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Problem with(String detail) {
        return Problem.of(status, code(), title, detail);
    }
}

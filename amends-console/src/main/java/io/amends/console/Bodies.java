package io.amends.console;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The bodies that commands read; the API's description and the check of unknown members come from these records. */
final class Bodies {
    private Bodies() {}

    /** The members that a body knows. */
    static Set<String> membersOf(Class<? extends Record> body) {
        Set<String> names = new TreeSet<>();
        Arrays.stream(body.getRecordComponents()).forEach(component -> names.add(component.getName()));
        return names;
    }

    record Reason(@Described(Described.WHY) @Nullable String reason) {}

    record Skip(
            @Described(Described.WHY) String reason,

            @Described(
                    value =
                            "What becomes of the events that wait for it: they run as if it had been handled, become failed"
                                    + " executions, or are skipped too. PROCEED if absent.",
                    oneOf = {"PROCEED", "FAIL", "SKIP"})
            @Nullable String dependents) {}

    record Recoverable(
            @Described(
                    value = "Whether a retry is worth it.",
                    oneOf = {"RECOVERABLE", "UNRECOVERABLE", "UNKNOWN"})
            String recoverability,

            @Described(Described.WHY) @Nullable String reason) {}

    record Redirect(
            @Described("The name of a function that takes the event's type.")
            String function,

            @Described("The processor that it is a function of; its own if absent. Another one takes the whole lane:"
                    + " the record, its followers and what waits, each with the function for its type.")
            @Nullable String processor,

            @Described(Described.WHY) @Nullable String reason) {}

    record RetrySpec(
            @Described("Whether it is retried by itself.") @Nullable Boolean enabled,

            @Described("Scheduled retries, 0 to 1,000.") @Nullable Integer maxRetries,

            @Described("The wait before the first retry, ISO 8601; it doubles with each.") @Nullable String minBackoff,

            @Described("How long an attempt may take, ISO 8601.") @Nullable String executionTimeout,

            @Described("The longest wait, ISO 8601; PT0S for none.") @Nullable String maxBackoff,

            @Described("The share of the wait that is added at random, 0 to 1.") @Nullable Double jitter,

            @Described(Described.WHY) @Nullable String reason) {}
}

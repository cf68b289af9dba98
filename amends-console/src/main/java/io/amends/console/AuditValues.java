package io.amends.console;

import io.amends.api.RetryPolicy;
import io.amends.core.operate.Batch;
import io.amends.core.operate.FailureGroup.Acknowledgement;
import io.amends.core.operate.FailureGroup.Remarks;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the audit keeps of things before and after a command: each member by its name in the API, none as a text of several. */
final class AuditValues {
    private AuditValues() {}

    static SortedMap<String, String> of(RetryPolicy policy) {
        TreeMap<String, String> values = new TreeMap<>();
        values.put("enabled", Boolean.toString(policy.enabled()));
        values.put("maxRetries", Integer.toString(policy.maxRetries()));
        values.put("minBackoff", policy.minBackoff().toString());
        values.put("maxBackoff", policy.maxBackoff().toString());
        values.put("jitter", Double.toString(policy.jitter()));
        values.put("executionTimeout", policy.executionTimeout().toString());
        return values;
    }

    static SortedMap<String, String> of(Remarks remarks) {
        TreeMap<String, String> values = new TreeMap<>();
        values.put("note", String.valueOf(remarks.note()));
        Acknowledgement acknowledged = remarks.acknowledgement();
        values.put("acknowledgedBy", acknowledged == null ? "null" : acknowledged.by());
        values.put("acknowledgedUntil", acknowledged == null ? "null" : String.valueOf(acknowledged.until()));
        values.put("acknowledgedAbove", acknowledged == null ? "null" : String.valueOf(acknowledged.above()));
        return values;
    }

    static SortedMap<String, String> of(Batch batch) {
        TreeMap<String, String> values = new TreeMap<>();
        values.put("state", batch.state().name());
        Batch.Pace pace = batch.pace();
        values.put("canary", Integer.toString(pace.canary()));
        values.put("canaryPercent", Integer.toString(pace.canaryPercent()));
        values.put("perSecond", Integer.toString(pace.perSecond()));
        values.put("inFlight", Integer.toString(pace.inFlight()));
        values.put("pausePercent", Integer.toString(pace.pausePercent()));
        Batch.Numbers numbers = batch.numbers();
        values.put("total", Integer.toString(numbers.total()));
        values.put("waiting", Integer.toString(numbers.waiting()));
        values.put("running", Integer.toString(numbers.running()));
        values.put("handled", Integer.toString(numbers.handled()));
        values.put("failedAgain", Integer.toString(numbers.failedAgain()));
        values.put("skipped", Integer.toString(numbers.skipped()));
        return values;
    }
}

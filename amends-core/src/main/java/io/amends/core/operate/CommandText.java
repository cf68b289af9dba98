package io.amends.core.operate;

import io.amends.api.Recoverability;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Commands as the names and texts that the tables keep. */
public final class CommandText {
    private CommandText() {}

    /** What a command says besides its name. */
    public static SortedMap<String, String> parameters(FailureCommand command) {
        SortedMap<String, String> parameters = new TreeMap<>();
        switch (command) {
            case FailureCommand.Prepare prepare -> {}
            case FailureCommand.Skip skip -> {}
            case FailureCommand.Mark mark ->
                parameters.put("recoverability", mark.mark().name());
            case FailureCommand.Redirect redirect -> parameters.put("function", redirect.function());
            case FailureCommand.ApplyRetrySpec spec -> {
                RetryPolicyChange change = spec.change();
                put(parameters, "enabled", change.enabled());
                put(parameters, "maxRetries", change.maxRetries());
                put(parameters, "minBackoff", change.minBackoff());
                put(parameters, "executionTimeout", change.executionTimeout());
                put(parameters, "maxBackoff", change.maxBackoff());
                put(parameters, "jitter", change.jitter());
            }
        }
        return parameters;
    }

    private static void put(Map<String, String> parameters, String name, @Nullable Object value) {
        if (value != null) {
            parameters.put(name, value.toString());
        }
    }

    /**
     * The command of this name.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static FailureCommand read(String name, Map<String, String> parameters) {
        return switch (name) {
            case "prepare" -> new FailureCommand.Prepare(false);
            case "force-prepare" -> new FailureCommand.Prepare(true);
            case "skip" -> new FailureCommand.Skip();
            case "recoverable" ->
                new FailureCommand.Mark(Recoverability.valueOf(parameters.getOrDefault("recoverability", "")));
            case "function" -> new FailureCommand.Redirect(parameters.getOrDefault("function", ""));
            case "retry-spec" ->
                new FailureCommand.ApplyRetrySpec(new RetryPolicyChange(
                        parameters.containsKey("enabled") ? Boolean.valueOf(parameters.get("enabled")) : null,
                        parameters.containsKey("maxRetries") ? Integer.valueOf(parameters.get("maxRetries")) : null,
                        duration(parameters.get("minBackoff")),
                        duration(parameters.get("executionTimeout")),
                        duration(parameters.get("maxBackoff")),
                        parameters.containsKey("jitter") ? Double.valueOf(parameters.get("jitter")) : null));
            default -> throw new IllegalArgumentException("command: " + name);
        };
    }

    private static @Nullable Duration duration(@Nullable String text) {
        return text == null ? null : Duration.parse(text);
    }
}

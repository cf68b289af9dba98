package io.amends.core.operate;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.core.failure.RetryPolicyChange;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Commands as the names and texts that the tables keep. */
public final class CommandText {
    private CommandText() {}

    /** What a command says besides its name. */
    public static SortedMap<String, String> parameters(FailureCommand command) {
        SortedMap<String, String> parameters = new TreeMap<>();
        switch (command) {
            case FailureCommand.Prepare prepare -> {}
            case FailureCommand.Skip skip -> {
                if (skip.dependents() != OnTimeout.PROCEED) {
                    parameters.put("dependents", skip.dependents().name());
                }
            }
            case FailureCommand.Mark mark ->
                parameters.put("recoverability", mark.mark().name());
            case FailureCommand.Redirect redirect -> parameters.put("function", redirect.function());
            case FailureCommand.ApplyRetrySpec spec ->
                parameters.putAll(spec.change().texts());
        }
        return parameters;
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
            case "skip" ->
                new FailureCommand.Skip(
                        OnTimeout.valueOf(parameters.getOrDefault("dependents", OnTimeout.PROCEED.name())));
            case "recoverable" ->
                new FailureCommand.Mark(Recoverability.valueOf(parameters.getOrDefault("recoverability", "")));
            case "function" -> new FailureCommand.Redirect(parameters.getOrDefault("function", ""));
            case "retry-spec" -> new FailureCommand.ApplyRetrySpec(RetryPolicyChange.of(parameters));
            default -> throw new IllegalArgumentException("command: " + name);
        };
    }
}

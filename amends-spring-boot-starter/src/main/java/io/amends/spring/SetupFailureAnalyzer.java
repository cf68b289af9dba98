package io.amends.spring;

import io.amends.core.define.InvalidDefinitionException;
import io.amends.core.store.MappingChangedException;
import io.amends.spring.lifecycle.DatabaseAwayException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Says in words why the application did not start, and what to do, where Amends is the reason. */
final class SetupFailureAnalyzer implements FailureAnalyzer {

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            FailureAnalysis analysis = ofCause(cause);
            if (analysis != null) {
                return analysis;
            }
        }
        return null;
    }

    private static @Nullable FailureAnalysis ofCause(Throwable cause) {
        return switch (cause) {
            case InvalidDefinitionException invalid ->
                new FailureAnalysis(
                        invalid.mistakes().size() + (invalid.mistakes().size() == 1 ? " mistake" : " mistakes")
                                + " in event processors and their settings:\n  - "
                                + String.join("\n  - ", invalid.mistakes()),
                        "Correct each of them; nothing was started.",
                        invalid);
            case MappingChangedException changed ->
                new FailureAnalysis(
                        String.valueOf(changed.getMessage()),
                        "Events that are stored already were placed by the old order, key and slots. Change them back,"
                                + " or give the processor a new name.",
                        changed);
            case DatabaseAwayException away ->
                new FailureAnalysis(
                        String.valueOf(away.getMessage()),
                        "Start the database, check spring.datasource.*, or wait longer with amends.start-timeout.",
                        away);
            case SetupException setup -> new FailureAnalysis(String.valueOf(setup.getMessage()), setup.action(), setup);
            default -> null;
        };
    }
}

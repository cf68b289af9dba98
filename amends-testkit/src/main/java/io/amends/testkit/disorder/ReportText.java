package io.amends.testkit.disorder;

import io.amends.core.define.ProcessorDefinition;
import io.amends.testkit.disorder.Advice.Pair;
import io.amends.testkit.disorder.Delivered.What;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The report for people: m1, m2 … are the events in the order in which they happened, t1, t2 … the times at which they
 * were handled, C0 the state before, CF the right final state, CW the wrong one.
 */
final class ReportText {
    private final StringBuilder text = new StringBuilder();
    private final boolean namesProcessors;

    private ReportText(boolean namesProcessors) {
        this.namesProcessors = namesProcessors;
    }

    static String passed(List<ProcessorDefinition> processors, String coverage) {
        return "Order does not matter: " + named(processors) + (processors.size() == 1 ? " ends" : " end")
                + " in the same state in " + coverage + ".";
    }

    private static String named(List<ProcessorDefinition> processors) {
        return processors.stream()
                .map(processor -> '"' + processor.name() + '"')
                .collect(Collectors.joining(" and ", processors.size() == 1 ? "processor " : "processors ", ""));
    }

    static String diverged(
            List<ProcessorDefinition> processors,
            String effort,
            Divergence divergence,
            Outcome inOrder,
            Outcome inDisorder) {
        ReportText report = new ReportText(processors.size() > 1);
        report.line("Order matters: " + named(processors)
                + (processors.size() == 1
                        ? " ends in another state when its events come otherwise."
                        : " end in another state when their events come otherwise."));
        report.line("The smallest case, found in " + effort + ":");
        report.line("");
        for (int event = 0; event < divergence.events().size(); event++) {
            report.line("  " + Advice.label(event) + "  "
                    + StateText.of(divergence.events().get(event)));
        }
        report.line("");
        report.pairs(Advice.pairs(divergence.inDisorder()));
        report.run("in order", inOrder, "CF");
        report.run("in disorder", inDisorder, "CW");
        report.line("");
        report.line("  expected  CF = " + StateText.of(divergence.expected()));
        report.line("  reached   CW = " + StateText.of(divergence.reached())
                + divergence.stuck().stream()
                        .map(event -> ", " + Advice.label(event) + " never succeeds")
                        .collect(Collectors.joining()));
        report.line("");
        report.line(divergence.advice());
        return report.text.toString();
    }

    private void pairs(List<Pair> pairs) {
        for (Pair pair : pairs) {
            line("  t%s > t%s  %s happened before %s and is delivered after it"
                    .formatted(
                            pair.earlier() + 1,
                            pair.later() + 1,
                            Advice.label(pair.earlier()),
                            Advice.label(pair.later())));
        }
        if (!pairs.isEmpty()) {
            line("");
        }
    }

    private void run(String title, Outcome outcome, String last) {
        line("  " + title + ": "
                + outcome.trace().stream()
                        .map(step -> Advice.label(step.event()))
                        .collect(Collectors.joining(" → ")));
        line("    C0  " + outcome.initial());
        for (int i = 0; i < outcome.trace().size(); i++) {
            Delivered step = outcome.trace().get(i);
            boolean end = i == outcome.trace().size() - 1;
            line("    " + Advice.label(step.event()) + "  " + step.state() + (end ? "  = " + last : "")
                    + remark(outcome, step)
                    + (namesProcessors ? "  (" + step.processor() + ")" : "")
                    + (step.node() == 0 ? "" : "  (on another node)"));
        }
    }

    private static String remark(Outcome outcome, Delivered step) {
        return switch (step.what()) {
            case HANDLED -> Advice.changesNothing(outcome, step) ? "  (changes nothing)" : "";
            case STALE -> "  (stale, skipped)";
            case WAITING -> "  (too early: " + message(step) + ")";
            case WOKEN -> "  (wakes up)";
            case SKIPPED -> "  (has waited too long, skipped)";
            case HANDLED_AGAIN -> "  (the same event again)";
            case RETRIED -> "  (retry succeeds)";
            case CRASHED -> "  (crash before the commit, rolled back)";
            case FAILED -> "  (throws " + shown(step) + ")";
            case PARKED -> "  (parked behind an earlier one of its key)";
        };
    }

    private static String message(Delivered step) {
        Throwable error = step.error();
        return error == null || error.getMessage() == null ? "waits" : error.getMessage();
    }

    private static String shown(Delivered step) {
        Throwable error = step.error();
        return error == null
                ? What.FAILED.toString()
                : error.getClass().getSimpleName() + (error.getMessage() == null ? "" : ": " + error.getMessage());
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}

package io.amends.testkit.disorder;

import io.amends.core.causality.Causality;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tested processors declare.
 *
 * @param processors all of them
 */
record Declared(List<ProcessorDefinition> processors) {

    /** What the functions for an event declare about order. */
    List<Causality> of(TestEvent event) {
        return handlingOf(event).stream()
                .map(processor -> processor.functionFor(event.envelope().type()))
                .map(function -> function == null ? Causality.NONE : function.causality())
                .toList();
    }

    /** The processor that handles the earlier event, if none handles both; null if one does. */
    @Nullable String elsewhere(TestEvent earlier, TestEvent later) {
        List<ProcessorDefinition> there = handlingOf(earlier);
        return there.isEmpty() || handlingOf(later).stream().anyMatch(there::contains)
                ? null
                : there.get(0).name();
    }

    private List<ProcessorDefinition> handlingOf(TestEvent event) {
        return processors.stream()
                .filter(processor -> {
                    FunctionDefinition function =
                            processor.functionFor(event.envelope().type());
                    return function != null;
                })
                .toList();
    }
}

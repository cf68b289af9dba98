package io.amends.testkit.disorder;

import io.amends.api.RetryPolicy;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.event.EventCodec;
import java.util.ArrayList;
import java.util.List;

/**
 * The processors of one node, bound once: reading the annotations of a class takes longer than a history, so all instances of
 * a class share what was read, and calls go to the latest of them. Specs may differ from each other, and are bound anew.
 */
final class Bound {
    private final EventCodec codec;
    private List<?> current = List.of();
    private List<Class<?>> types = List.of();
    private List<ProcessorDefinition> definitions = List.of();

    Bound(EventCodec codec) {
        this.codec = codec;
    }

    /** The definitions of these processors; those of instances before them must not be used any more. */
    List<ProcessorDefinition> of(List<?> processors) {
        current = List.copyOf(processors);
        List<Class<?>> now = new ArrayList<>();
        processors.forEach(processor -> now.add(processor.getClass()));
        boolean mayDiffer = processors.stream()
                .anyMatch(processor -> processor instanceof ProcessorSpec || processor instanceof ProcessorDefinition);
        if (mayDiffer || !now.equals(types)) {
            types = now;
            definitions = bind(processors);
        }
        return definitions;
    }

    private List<ProcessorDefinition> bind(List<?> processors) {
        // of an application perhaps a part is tested; whether that is enough is asked for the events of the test
        ProcessorBinder binder = new ProcessorBinder(codec, RetryPolicy.DEFAULT).partly();
        for (int i = 0; i < processors.size(); i++) {
            int number = i;
            if (processors.get(i) instanceof ProcessorSpec spec) {
                binder.add(spec);
            } else if (!(processors.get(i) instanceof ProcessorDefinition)) {
                binder.addCurrent(() -> current.get(number), processors.get(i).getClass());
            }
        }
        List<ProcessorDefinition> bound = new ArrayList<>(binder.bind());
        for (int i = 0; i < processors.size(); i++) {
            if (processors.get(i) instanceof ProcessorDefinition ready) {
                bound.add(i, ready);
            }
        }
        return List.copyOf(bound);
    }
}

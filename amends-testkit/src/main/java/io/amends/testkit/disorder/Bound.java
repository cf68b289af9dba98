package io.amends.testkit.disorder;

import io.amends.api.RetryPolicy;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.event.EventCodec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The processor of one node, bound once: reading the annotations of a class takes longer than a history, so all instances of
 * a class share what was read, and calls go to the latest of them. Specs may differ from each other, and are bound anew.
 */
final class Bound {
    private final EventCodec codec;
    private @Nullable Object current;
    private @Nullable Class<?> type;
    private @Nullable ProcessorDefinition definition;

    Bound(EventCodec codec) {
        this.codec = codec;
    }

    /** The definition of this processor; that of an instance before it must not be used any more. */
    ProcessorDefinition of(Object processor) {
        if (processor instanceof ProcessorDefinition ready) {
            return ready;
        }
        if (processor instanceof ProcessorSpec spec) {
            return bind(binder().add(spec));
        }
        current = processor;
        ProcessorDefinition known = definition;
        if (known != null && processor.getClass() == type) {
            return known;
        }
        ProcessorDefinition fresh =
                bind(binder().addCurrent(() -> Objects.requireNonNull(current), processor.getClass()));
        type = processor.getClass();
        definition = fresh;
        return fresh;
    }

    private ProcessorBinder binder() {
        return new ProcessorBinder(codec, RetryPolicy.DEFAULT);
    }

    private static ProcessorDefinition bind(ProcessorBinder binder) {
        return binder.bind().get(0);
    }
}

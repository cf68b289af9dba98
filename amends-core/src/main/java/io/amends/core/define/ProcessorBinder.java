package io.amends.core.define;

import io.amends.api.RetryPolicy;
import io.amends.core.event.EventCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns annotated instances and {@link ProcessorSpec}s into definitions with every default resolved.
 *
 * <p>Used once at start-up, by one thread: configure, add, {@link #bind()}. Retry settings fall back value by value:
 * function, class, the policy given here. All mistakes of all processors are reported together.
 */
public final class ProcessorBinder {
    private final EventCodec codec;
    private final RetryPolicy fallback;
    private final List<MethodRule> rules = new ArrayList<>();
    private final List<Source> sources = new ArrayList<>();
    private List<String> packages = List.of();
    private boolean partly;

    /**
     * Creates it.
     *
     * @param codec reads payloads; if it is a {@link PayloadShape} as well, key paths are checked by it
     * @param fallback the application's retry policy
     */
    public ProcessorBinder(EventCodec codec, RetryPolicy fallback) {
        this.codec = codec;
        this.fallback = fallback;
    }

    /** Adds a check of annotated handler methods. */
    public ProcessorBinder rule(MethodRule rule) {
        rules.add(rule);
        return this;
    }

    /** Sets the package prefixes whose frames count as own; default: the packages of each function's code. */
    public ProcessorBinder ownPackages(List<String> prefixes) {
        packages = List.copyOf(prefixes);
        return this;
    }

    /**
     * Binds a part of an application: what the added processors need of others is taken as it is written, without a check that
     * there is such a processor. For tests.
     */
    public ProcessorBinder partly() {
        partly = true;
        return this;
    }

    /** Adds an instance of a class with {@link io.amends.api.EventProcessor}, or a {@link ProcessorSpec}. */
    public ProcessorBinder add(Object processor) {
        return processor instanceof ProcessorSpec spec ? add(spec) : add(processor, processor.getClass());
    }

    /** Adds an instance that may be a proxy of the class that has the annotations. */
    public ProcessorBinder add(Object processor, Class<?> userClass) {
        sources.add(new Source.Annotated(() -> processor, userClass));
        return this;
    }

    /**
     * Adds instances that take each other's place: each call goes to the one that is given then. For tests, which bind once
     * and run many instances. All of them are of one class.
     */
    public ProcessorBinder addCurrent(Supplier<?> current, Class<?> userClass) {
        sources.add(new Source.Annotated(current, userClass));
        return this;
    }

    /** Adds a processor that was declared in code. */
    public ProcessorBinder add(ProcessorSpec processor) {
        sources.add(new Source.Declared(processor));
        return this;
    }

    /**
     * Resolves and checks everything, in the order of the additions.
     *
     * @throws InvalidDefinitionException with all mistakes, if there are any
     */
    public List<ProcessorDefinition> bind() {
        List<String> mistakes = new ArrayList<>();
        List<ProcessorDefinition> definitions = new ArrayList<>();
        Map<String, String> owners = new TreeMap<>();
        List<ProcessorSpec> specs = new ArrayList<>();
        for (Source source : sources) {
            ProcessorSpec spec = spec(source, mistakes);
            if (spec != null) {
                specs.add(spec);
            }
        }
        Dependencies dependencies = Dependencies.of(specs, partly, mistakes);
        for (ProcessorSpec spec : specs) {
            claimNames(spec, owners, mistakes);
            definitions.add(new SpecResolver(spec, codec, fallback, packages, dependencies, mistakes).resolve());
        }
        if (!mistakes.isEmpty()) {
            throw new InvalidDefinitionException(mistakes);
        }
        return List.copyOf(definitions);
    }

    private @Nullable ProcessorSpec spec(Source source, List<String> mistakes) {
        return switch (source) {
            case Source.Annotated annotated ->
                new AnnotatedProcessor(annotated.current(), annotated.userClass(), rules, mistakes).read();
            case Source.Declared declared -> declared.spec();
        };
    }

    /** Positions are kept by name: no two processors may have one in common, now or before. */
    private static void claimNames(ProcessorSpec spec, Map<String, String> owners, List<String> mistakes) {
        List<String> names = new ArrayList<>(spec.formerly());
        names.remove(spec.name());
        names.add(0, spec.name());
        for (String name : names) {
            String other = owners.putIfAbsent(name, spec.where());
            if (other != null) {
                mistakes.add(spec.where() + ": name: " + SpecResolver.printable(name) + " is also a name of " + other
                        + " (expected: each name, also in formerly, once); rename one of them");
            }
        }
    }

    /** Where a processor was declared. */
    private sealed interface Source {
        record Annotated(Supplier<?> current, Class<?> userClass) implements Source {}

        record Declared(ProcessorSpec spec) implements Source {}
    }
}

package io.amends.spring.define;

import io.amends.api.RetryPolicy;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.PolicySources;
import io.amends.core.define.ProcessorDefinition;
import io.amends.spring.settings.AmendsProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts what operators configure for single processors and functions over what their code says.
 *
 * @param overrides by processor name
 */
record PolicyOverrides(Map<String, AmendsProperties.Processor> overrides) {

    /** The processors with their overrides; every mistake goes into the list. */
    List<ProcessorDefinition> over(List<ProcessorDefinition> processors, List<String> mistakes) {
        overrides.keySet().stream().sorted().forEach(name -> {
            if (processors.stream().noneMatch(processor -> processor.name().equals(name))) {
                mistakes.add("amends.processors." + name + ": no such processor (expected: one of "
                        + processors.stream().map(ProcessorDefinition::name).toList() + ")");
            }
        });
        return processors.stream()
                .map(processor -> over(processor, overrides.get(processor.name()), mistakes))
                .toList();
    }

    private static ProcessorDefinition over(
            ProcessorDefinition processor, AmendsProperties.@Nullable Processor override, List<String> mistakes) {
        if (override == null) {
            return processor;
        }
        String place = "amends.processors." + processor.name();
        override.functions().keySet().stream().sorted().forEach(name -> {
            if (processor.function(name) == null) {
                mistakes.add(place + ".functions[" + name + "]: no such function (expected: one of "
                        + processor.functions().stream()
                                .map(FunctionDefinition::name)
                                .toList()
                        + "; names with other characters than letters, digits and - stand in brackets)");
            }
        });
        List<FunctionDefinition> functions = new ArrayList<>();
        for (FunctionDefinition function : processor.functions()) {
            RetryPolicy policy = over(place + ".retry", override.retry(), function.policy(), mistakes);
            PolicySources sources = function.sources()
                    .over(PolicySources.Source.CONFIGURATION, override.retry().change());
            AmendsProperties.Retry own = override.functions().get(function.name());
            if (own != null) {
                policy = over(place + ".functions[" + function.name() + "]", own, policy, mistakes);
                sources = sources.over(PolicySources.Source.CONFIGURATION, own.change());
            }
            functions.add(new FunctionDefinition(
                    function.name(),
                    function.eventTypes(),
                    function.handler(),
                    function.batch(),
                    function.effects(),
                    policy,
                    function.rules(),
                    function.causality(),
                    function.packages(),
                    sources));
        }
        return new ProcessorDefinition(
                processor.name(),
                processor.order(),
                processor.onFailure(),
                processor.keyPaths(),
                processor.slots(),
                number(place + ".concurrency", override.concurrency(), processor.concurrency(), mistakes),
                number(place + ".batch", override.batch(), processor.batch(), mistakes),
                processor.startFrom(),
                processor.formerly(),
                processor.drops(),
                functions);
    }

    private static RetryPolicy over(
            String place, AmendsProperties.Retry override, RetryPolicy policy, List<String> mistakes) {
        try {
            return override.over(policy);
        } catch (IllegalArgumentException e) {
            String mistake = place + ": " + e.getMessage();
            // the same for each function of a processor
            if (!mistakes.contains(mistake)) {
                mistakes.add(mistake);
            }
            return policy;
        }
    }

    private static int number(String place, @Nullable Integer value, int fallback, List<String> mistakes) {
        if (value == null) {
            return fallback;
        }
        if (value < 1 || value > 1000) {
            mistakes.add(place + ": " + value + " (expected: 1..1000)");
            return fallback;
        }
        return value;
    }
}

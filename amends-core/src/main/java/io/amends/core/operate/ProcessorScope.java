package io.amends.core.operate;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which processors somebody may know of: these, and those whose names begin so.
 *
 * @param names whole names
 * @param beginnings beginnings of names; an empty one means all
 */
public record ProcessorScope(SortedSet<String> names, SortedSet<String> beginnings) {
    /** Every processor, also what is about none. */
    public static final ProcessorScope ALL = of(java.util.List.of("*"));

    /** Copies the sets. */
    public ProcessorScope {
        names = Collections.unmodifiableSortedSet(new TreeSet<>(names));
        beginnings = Collections.unmodifiableSortedSet(new TreeSet<>(beginnings));
    }

    /** The scope of patterns: names, or beginnings of names with {@code *} at the end. */
    public static ProcessorScope of(Collection<String> patterns) {
        TreeSet<String> names = new TreeSet<>();
        TreeSet<String> beginnings = new TreeSet<>();
        for (String pattern : patterns) {
            if (pattern.endsWith("*")) {
                beginnings.add(pattern.substring(0, pattern.length() - 1));
            } else {
                names.add(pattern);
            }
        }
        return new ProcessorScope(names, beginnings);
    }

    /** Whether it is every processor. */
    public boolean isAll() {
        return beginnings.contains("");
    }

    /** Whether a processor is among them. */
    public boolean contains(String processor) {
        return names.contains(processor) || beginnings.stream().anyMatch(processor::startsWith);
    }
}

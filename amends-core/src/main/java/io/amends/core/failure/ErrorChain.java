package io.amends.core.failure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An exception and its causes, outermost first. Ends at a cycle, at a cause that can not be read, and after {@link
 * #DEEPEST} steps, since a {@code getCause} may make a new one each time.
 *
 * @param all at most {@link #KEPT}: the outermost ones and the last, which is the root unless the chain was endless
 * @param errors the same without wrappers that say nothing of their own
 * @param omitted how many between the last two of {@code all} are left out
 */
record ErrorChain(List<Throwable> all, List<Throwable> errors, int omitted) {
    /** The most exceptions that are kept of a chain. */
    static final int KEPT = 16;

    private static final int DEEPEST = 20_000;

    /** Exactly these: a subclass was written by somebody who meant something by it. */
    private static final Set<String> WRAPPERS = Set.of(
            "java.lang.reflect.InvocationTargetException",
            "java.lang.reflect.UndeclaredThrowableException",
            "java.util.concurrent.CompletionException",
            "java.util.concurrent.ExecutionException");

    static ErrorChain of(Throwable error) {
        List<Throwable> chain = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Throwable current = error;
        while (current != null && chain.size() < DEEPEST && seen.add(current)) {
            chain.add(current);
            current = causeOf(current);
        }
        List<Throwable> telling = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++) {
            if (i == chain.size() - 1 || !isWrapper(chain.get(i))) {
                telling.add(chain.get(i));
            }
        }
        return new ErrorChain(ends(chain), ends(telling), Math.max(0, chain.size() - KEPT));
    }

    /** The outermost exception that is not a wrapper. */
    Throwable outermost() {
        return errors.get(0);
    }

    /** The last of the chain. */
    Throwable root() {
        return errors.get(errors.size() - 1);
    }

    private static List<Throwable> ends(List<Throwable> chain) {
        if (chain.size() <= KEPT) {
            return List.copyOf(chain);
        }
        List<Throwable> ends = new ArrayList<>(chain.subList(0, KEPT - 1));
        ends.add(chain.get(chain.size() - 1));
        return List.copyOf(ends);
    }

    private static boolean isWrapper(Throwable error) {
        return WRAPPERS.contains(error.getClass().getName());
    }

    private static @Nullable Throwable causeOf(Throwable error) {
        try {
            return error.getCause();
        } catch (Throwable unreadable) {
            return null;
        }
    }
}

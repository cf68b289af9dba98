package io.amends.core.handle;

import io.amends.core.causality.WaitRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What events of a processor wanted to wait for and was done already, so that they were run again at once: code that asks for
 * the same once more would be run for ever. Thread-safe.
 */
final class SatisfiedWaits {
    /** Of more events at the same time one is forgotten, and run once more. */
    private static final int MOST = 1000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, Set<String>> told = new LinkedHashMap<>();

    /** Takes note; the error if the event had been told before. */
    @Nullable IllegalStateException tell(long position, WaitRequest request) {
        String what = request.what().text();
        lock.lock();
        try {
            if (!told.computeIfAbsent(position, none -> new TreeSet<>()).add(what)) {
                return new IllegalStateException(
                        "waits for " + what + ", which is done (expected: to go on); the function was"
                                + " run again since it is, and asks for it once more: what it looks at is not what it waits for");
            }
            if (told.size() > MOST) {
                told.remove(told.keySet().iterator().next());
            }
            return null;
        } finally {
            lock.unlock();
        }
    }
}

package io.amends.console;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Slows down guessing: after 5 failed sign-ins of one address or for one name it refuses further ones without looking, for
 * 10 s, doubling to 15 minutes with each failure more. Sign-ins of one address or for one name are looked at one after the
 * other, so that those that come at the same time do not pass before the first has failed. Remembers the 10,000 latest
 * addresses and names. Thread-safe.
 */
final class FailedSignIns {
    private static final int FREE = 5;
    private static final int MOST = 10_000;
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final Duration FORGET = Duration.ofHours(1);

    private record Failures(int number, Instant last) {
        Instant until() {
            if (number < FREE) {
                return Instant.EPOCH;
            }
            Duration pause = FIRST.multipliedBy(1L << Math.min(20, number - FREE));
            return last.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
        }
    }

    /** Fewer than there are addresses and names: those that share one only wait for each other. */
    private final List<Lock> turns =
            Stream.generate(() -> (Lock) new ReentrantLock()).limit(64).toList();

    private final Map<String, Failures> failures = new LinkedHashMap<>(16, 0.75f, true);

    /** Looks at a sign-in when those before it of the address and for the name have been looked at. */
    <T> T inTurn(String address, String name, Supplier<T> look) {
        // always in the same order, so that no two wait for each other
        List<Lock> locks = keys(address, name).stream()
                .map(key -> Math.floorMod(key.hashCode(), turns.size()))
                .distinct()
                .sorted()
                .map(turns::get)
                .toList();
        locks.forEach(Lock::lock);
        try {
            return look.get();
        } finally {
            locks.forEach(Lock::unlock);
        }
    }

    /** How long the address or the name has to wait, zero if it may try. */
    synchronized Duration pause(String address, String name, Instant now) {
        Instant until = Instant.EPOCH;
        for (String key : keys(address, name)) {
            Failures known = failures.get(key);
            if (known != null && known.until().isAfter(until)) {
                until = known.until();
            }
        }
        return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    }

    synchronized void failed(String address, String name, Instant now) {
        for (String key : keys(address, name)) {
            Failures known = failures.get(key);
            boolean again = known != null && known.last().plus(FORGET).isAfter(now);
            failures.put(key, new Failures(again && known != null ? known.number() + 1 : 1, now));
        }
        var oldest = failures.keySet().iterator();
        while (failures.size() > MOST) {
            oldest.next();
            oldest.remove();
        }
    }

    synchronized void succeeded(String address, String name) {
        keys(address, name).forEach(failures::remove);
    }

    private static List<String> keys(String address, String name) {
        return List.of("address " + address, "name " + name);
    }
}

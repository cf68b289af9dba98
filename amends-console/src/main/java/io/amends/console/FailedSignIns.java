package io.amends.console;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down guessing: after 5 failed sign-ins of one address or for one name it refuses further ones without looking, for
 * 10 s, doubling to 15 minutes with each failure more. Remembers the 10,000 latest addresses and names. Thread-safe.
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

    private final Map<String, Failures> failures = new LinkedHashMap<>(16, 0.75f, true);

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

    private static java.util.List<String> keys(String address, String name) {
        return java.util.List.of("address " + address, "name " + name);
    }
}

package io.amends.simulation;

import io.amends.testkit.time.VirtualClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** What happened, in order: the last lines for a person, and a hash over all of them to compare runs. */
final class Trace {
    private static final int KEPT = Integer.getInteger("amends.traceLines", 250);

    private final VirtualClock clock;
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private long hash = 1125899906842597L;
    private long lines;

    Trace(VirtualClock clock) {
        this.clock = clock;
    }

    void add(String who, String what) {
        long micros = clock.nanos() / 1000;
        hash = 31 * (31 * (31 * hash + micros) + who.hashCode()) + what.hashCode();
        lines++;
        if (last.size() == KEPT) {
            last.remove();
        }
        last.add(time(micros) + " " + who + " " + what);
    }

    private static String time(long micros) {
        String text = Long.toString(micros);
        text = "0".repeat(Math.max(0, 10 - text.length())) + text;
        return text.substring(0, text.length() - 6) + "." + text.substring(text.length() - 6);
    }

    long hash() {
        return hash;
    }

    long lines() {
        return lines;
    }

    List<String> last() {
        return new ArrayList<>(last);
    }
}

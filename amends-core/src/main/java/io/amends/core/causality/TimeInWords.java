package io.amends.core.causality;

import java.time.Duration;

/** Lengths of time in the texts that persons read. */
public final class TimeInWords {
    private static final String[] UNITS = {"day", "hour", "minute", "second"};

    private TimeInWords() {}

    /** A length of time in at most two units: {@code 1 hour 5 minutes}; below a second {@code 340 ms}. */
    public static String of(Duration time) {
        long seconds = time.toSeconds();
        if (seconds <= 0) {
            return time.toMillis() + " ms";
        }
        long[] amounts = {seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60};
        int first = 0;
        while (amounts[first] == 0) {
            first++;
        }
        StringBuilder words = new StringBuilder();
        for (int i = first; i < Math.min(first + 2, UNITS.length); i++) {
            if (amounts[i] > 0) {
                words.append(words.isEmpty() ? "" : " ")
                        .append(amounts[i])
                        .append(' ')
                        .append(UNITS[i])
                        .append(amounts[i] == 1 ? "" : "s");
            }
        }
        return words.toString();
    }
}

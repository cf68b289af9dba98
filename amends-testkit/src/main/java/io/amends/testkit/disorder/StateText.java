package io.amends.testkit.disorder;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** States and events as text of a bounded length. */
final class StateText {
    private static final int MOST = 2_000;

    private StateText() {}

    static String of(@Nullable Object value) {
        String text = value instanceof Object[] array ? Arrays.deepToString(array) : String.valueOf(value);
        return text.length() <= MOST ? text : text.substring(0, MOST) + "… (" + text.length() + " characters)";
    }
}

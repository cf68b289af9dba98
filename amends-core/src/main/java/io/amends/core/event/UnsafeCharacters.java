package io.amends.core.event;

/** The characters that do harm where a text is printed: they break lines, steer terminals, or show another text than is there. */
public final class UnsafeCharacters {
    private UnsafeCharacters() {}

    /**
     * Whether a code point is a control character (C0, DEL, C1), a lone surrogate, or a mark that turns the direction of
     * writing for what follows (U+202A to U+202E, U+2066 to U+2069).
     */
    public static boolean contains(int c) {
        boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        boolean turning = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        return Character.isISOControl(c) || surrogate || turning;
    }
}

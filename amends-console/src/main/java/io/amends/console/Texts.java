package io.amends.console;

import io.amends.core.event.UnsafeCharacters;

/** Texts that come from outside. */
final class Texts {
    private static final int SHOWN = 80;

    private Texts() {}

    /** What {@link #isPlain} lets through, for a mistake's text. */
    static final String PLAIN = "no control characters, lone surrogates or marks that turn the direction of writing";

    /** Whether a text that people write here shows what it says: see {@link UnsafeCharacters}. */
    static boolean isPlain(String text) {
        return text.codePoints().noneMatch(UnsafeCharacters::contains);
    }

    /**
     * Whether an attribute of an event may be this text, so that it can be looked for: events may have marks that turn
     * the direction of writing, and C1 controls, because whoever publishes them is not to lose them for how they look.
     */
    static boolean isOfEvent(String text) {
        return text.codePoints()
                .noneMatch(
                        c -> c < 0x20 || c == 0x7f || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    }

    /** The text as it may stand in an answer: short and plain. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(SHOWN).forEach(c -> shown.appendCodePoint(UnsafeCharacters.contains(c) ? 0xfffd : c));
        return shown + (text.codePointCount(0, text.length()) > SHOWN ? "…" : "");
    }
}

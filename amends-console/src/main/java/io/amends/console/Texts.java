package io.amends.console;

/** Texts that come from outside. */
final class Texts {
    private static final int SHOWN = 80;

    private Texts() {}

    /** Whether a text has neither control characters nor lone surrogates, which no database takes. */
    static boolean isPlain(String text) {
        return text.codePoints().noneMatch(Texts::isBad);
    }

    /** The text as it may stand in an answer: short and plain. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(SHOWN).forEach(c -> shown.appendCodePoint(isBad(c) ? 0xfffd : c));
        return shown + (text.codePointCount(0, text.length()) > SHOWN ? "…" : "");
    }

    private static boolean isBad(int c) {
        return c < 0x20 || c == 0x7f || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}

package io.amends.core.failure;

import io.amends.core.event.UnsafeCharacters;

/** Makes any text storable and harmless to print: bounded, and without characters that databases or terminals mind. */
final class SafeText {
    private static final int REPLACEMENT = 0xfffd;

    private SafeText() {}

    /**
     * The text with at most this many characters, an ellipsis as the last if it was cut; line breaks become {@code \n},
     * other control characters, lone surrogates and marks that turn the direction of writing become U+FFFD.
     */
    static String of(String text, int most) {
        StringBuilder safe = new StringBuilder(Math.min(text.length(), most));
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\r') {
                if (i < text.length() && text.charAt(i) == '\n') {
                    continue;
                }
                c = '\n';
            }
            int kept = isHarmful(c) ? REPLACEMENT : c;
            if (safe.length() + Character.charCount(kept) > most) {
                return ellipsis(safe, most);
            }
            safe.appendCodePoint(kept);
        }
        return safe.toString();
    }

    /** The same on one line. */
    static String line(String text, int most) {
        String start = text.length() > 2 * most ? text.substring(0, 2 * most) : text;
        return of(start.replaceAll("[\\r\\n\\t]+", " "), most);
    }

    /** The start of a safe text that has at most this many bytes of UTF-8. */
    static String bytes(String text, int most) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > most) {
                return text.substring(0, i);
            }
            i += Character.charCount(c);
        }
        return text;
    }

    private static String ellipsis(StringBuilder safe, int most) {
        if (most == 0) {
            return "";
        }
        int end = Math.min(safe.length(), most - 1);
        if (end > 0 && Character.isHighSurrogate(safe.charAt(end - 1))) {
            end--;
        }
        safe.setLength(end);
        return safe.append('…').toString();
    }

    private static boolean isHarmful(int c) {
        return UnsafeCharacters.contains(c) && c != '\n' && c != '\t';
    }
}

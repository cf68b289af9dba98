package io.amends.core.failure;

import io.amends.api.EventEnvelope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Takes secrets out of texts by rules: what patterns find, and the values that the event itself has in headers and at
 * payload paths of these names, wherever an error repeats them.
 *
 * <p>The event is kept as it is, because a retry needs it. If its payload can not be read, or a path names an object, its
 * values are unknown, and so the error's texts are dropped. Takes time linear in the text for each value. A value of less
 * than {@value #ANYWHERE} characters is replaced where it stands alone only; elsewhere it would be a part of anything.
 */
public final class RedactionRules implements Redactor {
    /** What stands in the place of a secret. */
    public static final String MASK = "•••";

    private static final int ANYWHERE = 4;

    private final List<Redactor> patterns;
    private final List<String> headers;
    private final List<String> payloadPaths;
    private final PathReader reader;

    /** Reads the text at a dotted path of a payload. */
    @FunctionalInterface
    public interface PathReader {
        /**
         * The text, empty if there is none.
         *
         * @throws RuntimeException if the payload can not be read or the value is no text, number or boolean
         */
        Optional<String> text(byte[] data, String path);
    }

    /**
     * Creates it.
     *
     * @param patterns each replaces what it finds
     * @param headers names of the event's headers, in any case
     * @param payloadPaths dotted paths
     * @param reader reads payloads
     */
    public RedactionRules(List<Redactor> patterns, List<String> headers, List<String> payloadPaths, PathReader reader) {
        this.patterns = List.copyOf(patterns);
        this.headers = List.copyOf(headers);
        this.payloadPaths = List.copyOf(payloadPaths);
        this.reader = reader;
    }

    @Override
    public String redact(String text) {
        String redacted = text;
        for (Redactor pattern : patterns) {
            redacted = pattern.redact(redacted);
        }
        return redacted;
    }

    @Override
    public Redactor of(EventEnvelope event) {
        List<String> values = new ArrayList<>();
        event.headers().values().forEach((name, value) -> {
            if (headers.stream().anyMatch(name::equalsIgnoreCase)) {
                values.add(value);
            }
        });
        byte[] data = event.data();
        if (data != null) {
            try {
                payloadPaths.forEach(path -> reader.text(data, path).ifPresent(values::add));
            } catch (RuntimeException unreadable) {
                // told by the documentation: without its values nothing can be said to be free of them
                return text -> "";
            }
        }
        // the longest first: a value may be a part of another
        List<String> secrets = values.stream()
                .filter(value -> !value.isBlank())
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        return text -> {
            String redacted = text;
            for (String secret : secrets) {
                redacted = without(redacted, secret);
            }
            return redact(redacted);
        };
    }

    private static String without(String text, String secret) {
        if (secret.length() >= ANYWHERE) {
            return text.replace(secret, MASK);
        }
        StringBuilder kept = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, from)) {
            int end = at + secret.length();
            boolean alone = (at == 0 || !Character.isLetterOrDigit(text.charAt(at - 1)))
                    && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end)));
            kept.append(text, from, at).append(alone ? MASK : secret);
            from = end;
        }
        return kept.append(text, from, text.length()).toString();
    }
}

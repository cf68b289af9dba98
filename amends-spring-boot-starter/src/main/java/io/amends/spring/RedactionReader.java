package io.amends.spring;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.amends.core.event.EventCodec;
import io.amends.core.failure.RedactionRules;
import io.amends.core.failure.Redactor;
import io.amends.spring.settings.AmendsProperties;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the rules of {@code amends.redact}. Patterns are RE2's, whose time is linear in the text: an error's text comes from
 * anywhere, and must not be able to stop its handler's thread.
 */
final class RedactionReader {
    private static final int MOST_RULES = 100;
    private static final int LONGEST = 1000;
    private static final java.util.regex.Pattern PATH = java.util.regex.Pattern.compile("[^.\\s]+(\\.[^.\\s]+)*");

    private final AmendsProperties.Redact properties;

    RedactionReader(AmendsProperties.Redact properties) {
        this.properties = properties;
    }

    /** The rules; call it without mistakes only. */
    Redactor rules(EventCodec codec) {
        if (properties.patterns().isEmpty()
                && properties.headers().isEmpty()
                && properties.payloadPaths().isEmpty()) {
            return Redactor.NONE;
        }
        List<Redactor> patterns = properties.patterns().stream()
                .map(Pattern::compile)
                .<Redactor>map(pattern -> text -> pattern.matcher(text).replaceAll(RedactionRules.MASK))
                .toList();
        return new RedactionRules(patterns, properties.headers(), properties.payloadPaths(), codec::text);
    }

    /** Every mistake, each naming the property, its value and what was expected. */
    List<String> mistakes() {
        List<String> mistakes = new ArrayList<>();
        few(mistakes, "patterns", properties.patterns());
        few(mistakes, "headers", properties.headers());
        few(mistakes, "payload-paths", properties.payloadPaths());
        for (String pattern : properties.patterns()) {
            if (pattern.length() > LONGEST) {
                mistakes.add("amends.redact.patterns: one of " + pattern.length() + " characters (expected: at most "
                        + LONGEST + ")");
                continue;
            }
            try {
                if (Pattern.compile(pattern).matcher("").find()) {
                    mistakes.add("amends.redact.patterns: \"" + pattern + "\" (expected: one that finds something, it"
                            + " finds the empty text)");
                }
            } catch (PatternSyntaxException e) {
                mistakes.add("amends.redact.patterns: \"" + pattern + "\" (expected: a regular expression in RE2"
                        + " syntax, but " + e.getDescription() + ")");
            }
        }
        for (String name : properties.headers()) {
            if (name.isBlank()) {
                mistakes.add("amends.redact.headers: blank (expected: the name of a header)");
            }
        }
        for (String path : properties.payloadPaths()) {
            if (!PATH.matcher(path).matches()) {
                mistakes.add(
                        "amends.redact.payload-paths: \"" + path + "\" (expected: a dotted path like card.number)");
            }
        }
        return mistakes;
    }

    private static void few(List<String> mistakes, String name, List<String> rules) {
        if (rules.size() > MOST_RULES) {
            mistakes.add("amends.redact." + name + ": " + rules.size() + " (expected: at most " + MOST_RULES + ")");
        }
    }
}

package io.amends.console;

import java.util.List;

/**
 * A parameter of an endpoint's query.
 *
 * @param name its name
 * @param kind what its text means
 * @param oneOf the values it can have, empty for any of its kind
 * @param repeated whether several are allowed, repeated or with commas between
 * @param description in words
 */
record Parameter(String name, Kind kind, List<String> oneOf, boolean repeated, String description) {

    /** What a parameter's text means. */
    enum Kind {
        TEXT,
        INSTANT,
        NUMBER,
        CURSOR,
        LIMIT,
        TRUTH
    }

    static Parameter text(String name, String description) {
        return new Parameter(name, Kind.TEXT, List.of(), false, description);
    }

    /** The place behind which a page begins, as a page before has named it; nobody reads it. */
    static Parameter cursor() {
        return new Parameter("after", Kind.CURSOR, List.of(), false, "The `next` of the page before.");
    }

    static Parameter instant(String name, String description) {
        return new Parameter(name, Kind.INSTANT, List.of(), false, description);
    }

    static Parameter number(String name, String description) {
        return new Parameter(name, Kind.NUMBER, List.of(), false, description);
    }

    static Parameter truth(String name, String description) {
        return new Parameter(name, Kind.TRUTH, List.of(), false, description);
    }

    static Parameter limit() {
        return new Parameter("limit", Kind.LIMIT, List.of(), false, "The most of a page, 1 to 200; 50 if not given.");
    }

    static Parameter oneOf(String name, List<String> values, String description) {
        return new Parameter(name, Kind.TEXT, List.copyOf(values), false, description);
    }

    static Parameter severalOf(String name, List<String> values, String description) {
        return new Parameter(name, Kind.TEXT, List.copyOf(values), true, description);
    }
}

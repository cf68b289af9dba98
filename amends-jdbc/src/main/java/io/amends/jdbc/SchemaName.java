package io.amends.jdbc;

import java.util.regex.Pattern;

/**
 * The name of the database schema that holds Amends' tables.
 *
 * @param value 1 to 48 characters: a lower-case letter or {@code _}, then lower-case letters, digits and {@code _}
 */
public record SchemaName(String value) {
    private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]{0,47}");

    /** The name that holds without configuration. */
    public static final SchemaName DEFAULT = new SchemaName("amends");

    /** Checks that it is an identifier; nothing else ever reaches a statement. */
    public SchemaName {
        if (!IDENTIFIER.matcher(value).matches()) {
            throw new IllegalArgumentException("schema: \"" + value
                    + "\" (expected: 1..48 lower-case letters, digits and _, not starting with a digit)");
        }
    }

    /** The statement with this schema in the places that are marked {@code ${schema}}. */
    String in(String sql) {
        return sql.replace("${schema}", '"' + value + '"');
    }

    /** The notification channel of this schema. */
    String channel() {
        return "amends:" + value;
    }

    @Override
    public String toString() {
        return value;
    }
}

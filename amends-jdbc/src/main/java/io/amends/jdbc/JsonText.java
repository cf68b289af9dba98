package io.amends.jdbc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes and reads the JSON of the store's own columns: objects, arrays and strings, nothing else. Kept here because a
 * JSON library is the application's choice.
 */
final class JsonText {
    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /** Maps, collections and strings as JSON. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        switch (value) {
            case Map<?, ?> map -> {
                char before = '{';
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(before);
                    string(String.valueOf(entry.getKey()), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    before = ',';
                }
                out.append(before == '{' ? "{}" : "}");
            }
            case Collection<?> list -> {
                char before = '[';
                for (Object element : list) {
                    out.append(before);
                    write(element, out);
                    before = ',';
                }
                out.append(before == '[' ? "[]" : "]");
            }
            case String string -> string(string, out);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static void string(String value, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /** An object of strings, sorted by name. */
    static SortedMap<String, String> strings(String json) {
        SortedMap<String, String> strings = new TreeMap<>();
        map(read(json)).forEach((name, value) -> strings.put(name, (String) value));
        return strings;
    }

    /** Reads any value: a sorted map, a list or a string. */
    static Object read(String json) {
        JsonText reader = new JsonText(json);
        Object value = reader.value();
        reader.space();
        if (reader.at != json.length()) {
            throw reader.unexpected();
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private Object value() {
        space();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> throw unexpected();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> map = new TreeMap<>();
        at++;
        space();
        if (peek() == '}') {
            at++;
            return map;
        }
        while (true) {
            space();
            String name = string();
            space();
            expect(':');
            map.put(name, value());
            space();
            if (peek() == '}') {
                at++;
                return map;
            }
            expect(',');
        }
    }

    private List<Object> array() {
        List<Object> list = new ArrayList<>();
        at++;
        space();
        if (peek() == ']') {
            at++;
            return list;
        }
        while (true) {
            list.add(value());
            space();
            if (peek() == ']') {
                at++;
                return list;
            }
            expect(',');
        }
    }

    private String string() {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = peek();
            at++;
            switch (c) {
                case '"' -> {
                    return out.toString();
                }
                case '\\' -> out.append(escape());
                default -> out.append(c);
            }
        }
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (at + 4 > text.length()) {
                    throw unexpected();
                }
                at += 4;
                yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            case '"', '\\', '/' -> c;
            default -> throw unexpected();
        };
    }

    private void space() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw unexpected();
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected();
        }
        at++;
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException("JSON column: unexpected character or end at " + at);
    }
}

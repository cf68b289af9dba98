package io.amends.examples.loyalty.event;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every event, whoever sends it. An event that breaks it can not be decoded, and becomes a failed
 * execution that says why.
 */
public final class Contract {
    /** The types of all events. */
    public static final List<String> TYPES = List.of(
            "loyalty.user.created",
            "loyalty.user.changed",
            "loyalty.user.deleted",
            "loyalty.order.paid",
            "loyalty.order.cancelled");

    /** The largest amount of an order. */
    public static final BigDecimal MAX_AMOUNT = new BigDecimal(1_000_000);

    /** What {@link #isId} wants, in words. */
    public static final String ID = "1 to 60 letters, digits and . _ : @ + ~ -, the first a letter or digit";

    private Contract() {}

    /** Whether a text can be the id of a user or an order: it fits into a path, and into the 255 bytes of a key. */
    public static boolean isId(@Nullable String value) {
        return value != null
                && value.codePointCount(0, value.length()) <= 60
                && value.matches("[\\p{L}\\p{N}][\\p{L}\\p{N}\\p{M}._:@+~-]*");
    }

    /** Whether a text can be a name or a region: 1 to 100 visible characters. */
    public static boolean isName(@Nullable String value) {
        return value != null
                && !value.isBlank()
                && value.codePointCount(0, value.length()) <= 100
                && value.codePoints()
                        .noneMatch(c -> Character.getType(c) == Character.CONTROL
                                || Character.getType(c) == Character.SURROGATE);
    }

    /** Whether a number can be an amount: above 0, at most {@link #MAX_AMOUNT}, at most two decimals. */
    public static boolean isAmount(@Nullable BigDecimal value) {
        return value != null
                && value.signum() > 0
                && value.compareTo(MAX_AMOUNT) <= 0
                && value.stripTrailingZeros().scale() <= 2;
    }

    /**
     * Checks what is said of a user.
     *
     * @throws IllegalArgumentException if it breaks the contract
     */
    public static void user(String id, String name, String region, long regionVersion, long entityVersion) {
        check("id", id, isId(id), ID);
        check("name", name, isName(name), "1 to 100 characters, no control characters");
        check("region", region, isName(region), "1 to 100 characters, no control characters");
        check("regionVersion", regionVersion, regionVersion >= 0, "0 or more");
        check("entityVersion", entityVersion, entityVersion >= 0, "0 or more");
    }

    static void order(String orderId, String userId, BigDecimal amount) {
        check("orderId", orderId, isId(orderId), ID);
        check("userId", userId, isId(userId), ID);
        check("amount", amount, isAmount(amount), "above 0, at most " + MAX_AMOUNT + ", at most two decimals");
    }

    static void present(String name, @Nullable Object value) {
        check(name, value, value != null, "a time such as 2026-11-25T10:00:00Z");
    }

    private static void check(String name, @Nullable Object value, boolean holds, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + shown(value) + " (expected: " + expected + ")");
        }
    }

    /** A value for a message: at most 60 characters, none of them invisible. */
    public static String shown(@Nullable Object value) {
        return value == null ? "missing" : shown(value.toString(), 60);
    }

    /** A text for a message, cut and without invisible characters. */
    public static String shown(String text, int length) {
        return (text.length() > length ? text.substring(0, length) + "…" : text)
                .replaceAll("[\\p{Cntrl}\\p{Cs}]", "\uFFFD");
    }
}

package io.amends.console;

import io.amends.core.event.EventLimits;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * How a lane's key stands in a path: as it is, or as {@code ~} and the base64url of its UTF-8 without padding. Only so can
 * every key be named: a server may refuse {@code %2F}, which every key with a tenant has, and control characters, which the
 * lane of an event without a key begins with. A key that begins with {@code ~} itself is always written so.
 */
final class LaneAddress {
    /** The longest key of a lane in bytes: that of an event is shorter, but a tenant and parts of a payload add to it. */
    private static final int MOST = EventLimits.TEXT_BYTES;

    private static final char ENCODED = '~';

    /** What can be meant, for the API's description. */
    static final String DESCRIBED = "The lane's key; or `~` and the base64url (no padding) of its UTF-8, which a key"
            + " needs that begins with `~` or has slashes or control characters, as every key with a tenant has.";

    private LaneAddress() {}

    /** The key that a part of a path names; empty if none can be called so. */
    static Optional<String> key(String part) {
        return (part.indexOf(ENCODED) == 0 ? decoded(part.substring(1)) : Optional.of(part)).filter(LaneAddress::isKey);
    }

    private static Optional<String> decoded(String text) {
        if (text.endsWith("=")) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (IllegalArgumentException | CharacterCodingException e) {
            // told by the answer: no key is called so
            return Optional.empty();
        }
    }

    private static boolean isKey(String key) {
        return !key.isEmpty()
                && key.codePoints()
                        .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
                && key.getBytes(StandardCharsets.UTF_8).length <= MOST;
    }
}

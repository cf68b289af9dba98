package io.amends.core.event;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The fixed hash that gives a key its slot, version 1: CRC-32C (RFC 3720, appendix B.4) over each part's UTF-8 length
 * as four big-endian bytes followed by the part's UTF-8 bytes. Length prefixes keep {@code ("a","bc")} and
 * {@code ("ab","c")} apart. Slots of events that are already stored depend on it: it never changes, a better one gets a
 * new version.
 */
public final class KeyHash {
    /** The version that is stored with a processor's mapping. */
    public static final int VERSION = 1;

    private KeyHash() {}

    /** The slot of a key, {@code 0 .. slots-1}. */
    public static int slot(String key, int slots) {
        return slot(List.of(key), slots);
    }

    /** The slot of a key of several parts, {@code 0 .. slots-1}. */
    public static int slot(List<String> parts, int slots) {
        return (int) (hash(parts) % slots);
    }

    /** The hash, 0 to 2^32-1. */
    public static long hash(List<String> parts) {
        CRC32C crc = new CRC32C();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            crc.update(bytes.length >>> 24);
            crc.update(bytes.length >>> 16);
            crc.update(bytes.length >>> 8);
            crc.update(bytes.length);
            crc.update(bytes, 0, bytes.length);
        }
        return crc.getValue();
    }
}

package io.amends.console;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of addresses, for instance {@code 10.0.0.0/8}, {@code ::1/128} or a single address.
 *
 * @param base an address in it
 * @param bits how many of its bits all addresses share
 */
record Network(InetAddress base, int bits) {

    /**
     * Reads a range; names are never looked up.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress base = literal(slash < 0 ? text : text.substring(0, slash));
        int most = base.getAddress().length * 8;
        String length = slash < 0 ? Integer.toString(most) : text.substring(slash + 1);
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > most) {
            throw new IllegalArgumentException(
                    "network: " + text + " (expected: an address, or address/0.." + most + ")");
        }
        return new Network(base, Integer.parseInt(length));
    }

    private static InetAddress literal(String text) {
        try {
            if (text.matches("[0-9.]+") || (text.contains(":") && text.matches("[0-9a-fA-F:.]+"))) {
                return InetAddress.getByName(text);
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address: " + text + " (expected: IPv4 or IPv6, no name)", e);
        }
        throw new IllegalArgumentException("address: " + text + " (expected: IPv4 or IPv6, no name)");
    }

    /** Whether a literal address is in it; what is no address is not. */
    boolean contains(String address) {
        byte[] given;
        try {
            given = literal(address.replaceFirst("%.*", "")).getAddress();
        } catch (IllegalArgumentException e) {
            // whoever has no address is in no network
            return false;
        }
        byte[] own = base.getAddress();
        if (given.length != own.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 1 << (7 - bit % 8);
            if ((given[bit / 8] & mask) != (own[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}

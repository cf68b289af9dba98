package io.amends.console;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password as it may stand in a configuration: PBKDF2 with HMAC-SHA-256 (RFC 8018), written
 * {@code pbkdf2-sha256$iterations$salt$hash} with salt and hash in base 64.
 */
final class PasswordHash {
    private static final String SCHEME = "pbkdf2-sha256";
    private static final int ITERATIONS = 210_000;
    private static final int MOST_ITERATIONS = 10_000_000;
    private static final int BITS = 256;

    private final int iterations;
    private final byte[] salt;
    private final byte[] hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash) {
        this.iterations = iterations;
        this.salt = salt;
        this.hash = hash;
    }

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException if it is not one; the text is not shown
     */
    static PasswordHash parse(String text) {
        String[] parts = text.split("\\$", -1);
        try {
            int iterations = parts.length == 4 ? Integer.parseInt(parts[1]) : 0;
            if (parts.length == 4 && parts[0].equals(SCHEME) && iterations > 0 && iterations <= MOST_ITERATIONS) {
                return new PasswordHash(
                        iterations,
                        Base64.getDecoder().decode(parts[2]),
                        Base64.getDecoder().decode(parts[3]));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(expected(), e);
        }
        throw new IllegalArgumentException(expected());
    }

    private static String expected() {
        return "password: not a hash (expected: " + SCHEME + "$iterations$salt$hash)";
    }

    /** The text of a new hash of a password. */
    static String of(String password) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        byte[] hash = derive(password, salt, ITERATIONS);
        Base64.Encoder base64 = Base64.getEncoder();
        return SCHEME + "$" + ITERATIONS + "$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
    }

    /** Whether it is this password's. */
    boolean matches(String password) {
        return MessageDigest.isEqual(hash, derive(password, salt, iterations));
    }

    private static byte[] derive(String password, byte[] salt, int iterations) {
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, BITS))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has PBKDF2WithHmacSHA256", e);
        }
    }
}

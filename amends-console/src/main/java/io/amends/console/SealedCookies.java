package io.amends.console;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Writes what only nodes with the same key can read, and nobody else can make or change: AES-256-GCM (NIST SP 800-38D) with a
 * random nonce of 96 bits. What was sealed for one purpose or for another client does not open for this one.
 *
 * <p>The text is base 64 of: version 1, the key's name (4 bytes of its hash), nonce, ciphertext with tag. Nonces are random,
 * so a key should be replaced before 2^32 texts; sessions write one a minute at most. Thread-safe.
 */
final class SealedCookies {
    static final int KEY_BYTES = 32;
    /** Browsers take 4,096 bytes of a cookie with its name and attributes. */
    static final int MOST_CHARACTERS = 3_600;

    private static final byte VERSION = 1;
    private static final int NAME_BYTES = 4;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEAD_BYTES = 1 + NAME_BYTES + NONCE_BYTES;

    private record Key(byte[] name, SecretKey secret) {
        static Key of(String base64) {
            byte[] bytes = Base64.getDecoder().decode(base64);
            return new Key(Arrays.copyOf(sha256(bytes), NAME_BYTES), new SecretKeySpec(bytes, "AES"));
        }
    }

    private final List<Key> keys = new ArrayList<>();
    private final String audience;
    private final SecureRandom random = new SecureRandom();

    /** Creates it with good keys, the first of which writes. */
    SealedCookies(List<String> keys, String audience) {
        keys.forEach(key -> this.keys.add(Key.of(key)));
        this.audience = audience;
    }

    /** The sealed text, or empty if it would be too long for a cookie. */
    Optional<String> seal(String purpose, byte[] content) {
        Key key = keys.getFirst();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce, purpose).doFinal(content);
            byte[] all = ByteBuffer.allocate(HEAD_BYTES + sealed.length)
                    .put(VERSION)
                    .put(key.name())
                    .put(nonce)
                    .put(sealed)
                    .array();
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(all);
            return text.length() > MOST_CHARACTERS ? Optional.empty() : Optional.of(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES/GCM/NoPadding", e);
        }
    }

    /** What was sealed, or empty if it was not sealed for this by one of the keys. */
    Optional<byte[]> open(String purpose, String text) {
        if (text.length() > MOST_CHARACTERS) {
            return Optional.empty();
        }
        byte[] all;
        try {
            all = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            // no base 64 is nobody's seal
            return Optional.empty();
        }
        if (all.length < HEAD_BYTES + TAG_BITS / 8 || all[0] != VERSION) {
            return Optional.empty();
        }
        byte[] name = Arrays.copyOfRange(all, 1, 1 + NAME_BYTES);
        byte[] nonce = Arrays.copyOfRange(all, 1 + NAME_BYTES, HEAD_BYTES);
        return keys.stream()
                .filter(key -> Arrays.equals(key.name(), name))
                .flatMap(key -> open(key, nonce, purpose, all).stream())
                .findFirst();
    }

    private Optional<byte[]> open(Key key, byte[] nonce, String purpose, byte[] all) {
        try {
            return Optional.of(
                    cipher(Cipher.DECRYPT_MODE, key, nonce, purpose).doFinal(all, HEAD_BYTES, all.length - HEAD_BYTES));
        } catch (AEADBadTagException e) {
            // changed, or sealed for something else; another key may have the same name
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES/GCM/NoPadding", e);
        }
    }

    private Cipher cipher(int mode, Key key, byte[] nonce, String purpose) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.secret(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD((purpose + "\n" + audience).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

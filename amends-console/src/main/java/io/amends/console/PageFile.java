package io.amends.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file of a page in each encoding that there is of it, and how a browser is answered that asks for one.
 *
 * @param brotli null if there is none
 */
record PageFile(String contentType, byte[] plain, byte[] gzip, byte @Nullable [] brotli, String tag) {
    private static final String POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'");

    /** A file that was compressed when it was built. */
    static PageFile of(String name, byte[] plain, byte[] gzip, byte[] brotli) {
        return new PageFile(contentTypeOf(name), plain, gzip, brotli, tagOf(plain));
    }

    /** A file that is compressed now. */
    static PageFile compressed(String name, byte[] plain) {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException("file of a page: can not compress " + name, e);
        }
        return new PageFile(contentTypeOf(name), plain, gzip.toByteArray(), null, tagOf(plain));
    }

    /**
     * Answers a GET of the file.
     *
     * @param immutable whether its name changes with its content
     */
    ApiResponse answer(boolean immutable, @Nullable String acceptEncoding, @Nullable String ifNoneMatch) {
        Map<String, String> headers = headers(immutable ? "public, max-age=31536000, immutable" : "no-cache", tag);
        headers.put("Vary", "Accept-Encoding");
        if (isKnown(tag, ifNoneMatch)) {
            return new ApiResponse(304, contentType, headers, new byte[0]);
        }
        if (brotli != null && accepts(acceptEncoding, "br")) {
            headers.put("Content-Encoding", "br");
            return new ApiResponse(200, contentType, headers, brotli);
        }
        if (accepts(acceptEncoding, "gzip")) {
            headers.put("Content-Encoding", "gzip");
            return new ApiResponse(200, contentType, headers, gzip);
        }
        return new ApiResponse(200, contentType, headers, plain);
    }

    /** Answers a GET of a document, which may load what comes from the same server and nothing else. */
    static ApiResponse document(String html, @Nullable String ifNoneMatch) {
        byte[] content = html.getBytes(StandardCharsets.UTF_8);
        String tag = tagOf(content);
        Map<String, String> headers = headers("no-cache", tag);
        headers.put("Content-Security-Policy", POLICY);
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        return isKnown(tag, ifNoneMatch)
                ? new ApiResponse(304, "text/html;charset=utf-8", headers, new byte[0])
                : new ApiResponse(200, "text/html;charset=utf-8", headers, content);
    }

    /** The text as the value of an attribute in HTML. */
    static String attribute(String text) {
        return text.replace("&", "&amp;")
                .replace("\"", "&quot;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }

    private static Map<String, String> headers(String caching, String tag) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cache-Control", caching);
        headers.put("ETag", tag);
        headers.put("X-Content-Type-Options", "nosniff");
        return headers;
    }

    private static boolean isKnown(String tag, @Nullable String ifNoneMatch) {
        return ifNoneMatch != null && Arrays.asList(ifNoneMatch.split(",\\s*")).contains(tag);
    }

    private static boolean accepts(@Nullable String acceptEncoding, String coding) {
        if (acceptEncoding == null) {
            return false;
        }
        for (String one : acceptEncoding.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = one.split(";", 2);
            if (parts[0].strip().equals(coding)) {
                return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    private static String contentTypeOf(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "js" -> "text/javascript;charset=utf-8";
            case "css" -> "text/css;charset=utf-8";
            case "svg" -> "image/svg+xml";
            case "txt" -> "text/plain;charset=utf-8";
            case "json" -> "application/json";
            default -> throw new IllegalStateException("file of a page: " + name + " has no media type here");
        };
    }

    private static String tagOf(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            // weak: the same text in several encodings
            return "W/\"" + HexFormat.of().formatHex(hash, 0, 12) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

package io.amends.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The console's web page, free of any web framework: files that come with this jar, compressed when it was built.
 *
 * <p>The page holds no data; everything it shows comes from the operator API. It runs below any path, because its one
 * {@code <base>} is written by the server and all its addresses are relative. Thread-safe; the files are read once.
 */
public final class ConsolePage {
    private static final String DIRECTORY = "/META-INF/amends-console/";
    private static final String BASE = "<base href=\"./\">";
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

    private final @Nullable String index;
    private final SortedMap<String, Asset> assets;

    private ConsolePage(@Nullable String index, SortedMap<String, Asset> assets) {
        this.index = index;
        this.assets = Collections.unmodifiableSortedMap(assets);
    }

    private record Asset(String contentType, byte[] plain, byte[] gzip, byte[] brotli, String tag) {}

    /**
     * Reads the page from the class path. A build without the page ({@code -DskipUi}) has one that answers 404 and says
     * so.
     */
    public static ConsolePage load() {
        return load(DIRECTORY);
    }

    static ConsolePage load(String directory) {
        byte[] index = read(directory + "index.html");
        SortedMap<String, Asset> assets = new TreeMap<>();
        if (index == null) {
            return new ConsolePage(null, assets);
        }
        for (String name : text(required(directory + "files.txt")).split("\n")) {
            String path = directory + name;
            byte[] plain = required(path);
            assets.put(
                    name,
                    new Asset(contentType(name), plain, required(path + ".gz"), required(path + ".br"), tag(plain)));
        }
        String html = text(index);
        if (!html.contains(BASE)) {
            throw new IllegalStateException("index.html of the console: no " + BASE);
        }
        return new ConsolePage(html, assets);
    }

    /**
     * Answers a GET below the console's path.
     *
     * @param path the decoded path below the console's, beginning with a slash; every path that is no file is a place in
     *     the page
     * @param base the console's path as the browser sees it: what a proxy puts in front, the context path, and the
     *     console's own
     * @param acceptEncoding the Accept-Encoding header, or null
     * @param ifNoneMatch the If-None-Match header, or null
     */
    public ApiResponse answer(String path, String base, @Nullable String acceptEncoding, @Nullable String ifNoneMatch) {
        if (index == null) {
            return ApiResponse.problem(Problem.of(
                    404,
                    "page-left-out",
                    "No page",
                    "this build has no page (it was built with -DskipUi); the operator API is at " + base + "/api/v1"));
        }
        String name = path.replaceFirst("^/", "");
        Asset asset = assets.get(name);
        if (asset != null) {
            return asset(name, asset, acceptEncoding, ifNoneMatch);
        }
        if (name.startsWith("assets/")) {
            return ApiResponse.problem(Problem.of(
                    404, "not-found", "Not found", "no such file: " + Texts.shown(name) + "; reload the page"));
        }
        byte[] html = index.replace(BASE, "<base href=\"" + attribute(base + "/") + "\">")
                .getBytes(StandardCharsets.UTF_8);
        String tag = tag(html);
        Map<String, String> headers = headers("no-cache", tag);
        headers.put("Content-Security-Policy", POLICY);
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        return isKnown(tag, ifNoneMatch)
                ? new ApiResponse(304, "text/html;charset=utf-8", headers, new byte[0])
                : new ApiResponse(200, "text/html;charset=utf-8", headers, html);
    }

    /** The path that a proxy says it takes away, without a slash at its end; empty if it says none that is a path. */
    public static String forwardedPrefix(@Nullable String header) {
        if (header == null || header.length() > 200) {
            return "";
        }
        StringBuilder prefix = new StringBuilder();
        for (String part : header.split(",")) {
            String one = part.strip().replaceFirst("/+$", "");
            if (!one.matches("(/[\\w.~-]+)*") || Arrays.asList(one.split("/")).contains("..")) {
                return "";
            }
            prefix.append(one);
        }
        return prefix.toString();
    }

    private static ApiResponse asset(
            String name, Asset asset, @Nullable String acceptEncoding, @Nullable String ifNoneMatch) {
        // what is below assets/ has its content's hash in its name
        String caching = name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
        Map<String, String> headers = headers(caching, asset.tag());
        headers.put("Vary", "Accept-Encoding");
        if (isKnown(asset.tag(), ifNoneMatch)) {
            return new ApiResponse(304, asset.contentType(), headers, new byte[0]);
        }
        if (accepts(acceptEncoding, "br")) {
            headers.put("Content-Encoding", "br");
            return new ApiResponse(200, asset.contentType(), headers, asset.brotli());
        }
        if (accepts(acceptEncoding, "gzip")) {
            headers.put("Content-Encoding", "gzip");
            return new ApiResponse(200, asset.contentType(), headers, asset.gzip());
        }
        return new ApiResponse(200, asset.contentType(), headers, asset.plain());
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

    private static String attribute(String text) {
        return text.replace("&", "&amp;")
                .replace("\"", "&quot;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }

    private static String contentType(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "js" -> "text/javascript;charset=utf-8";
            case "css" -> "text/css;charset=utf-8";
            case "svg" -> "image/svg+xml";
            case "txt" -> "text/plain;charset=utf-8";
            case "json" -> "application/json";
            default -> throw new IllegalStateException("file of the console: " + name + " has no media type here");
        };
    }

    private static String tag(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            // weak: the same text in several encodings
            return "W/\"" + HexFormat.of().formatHex(hash, 0, 12) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] required(String name) {
        byte[] content = read(name);
        if (content == null) {
            throw new IllegalStateException("file of the console: " + name + " is not on the class path");
        }
        return content;
    }

    private static byte @Nullable [] read(String name) {
        try (InputStream in = ConsolePage.class.getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("file of the console: can not read " + name, e);
        }
    }
}

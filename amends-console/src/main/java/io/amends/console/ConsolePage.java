package io.amends.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
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

    private final @Nullable String index;
    private final SortedMap<String, PageFile> assets;

    private ConsolePage(@Nullable String index, SortedMap<String, PageFile> assets) {
        this.index = index;
        this.assets = Collections.unmodifiableSortedMap(assets);
    }

    /**
     * Reads the page from the class path. A build without the page ({@code -DskipUi}) has one that answers 404 and says
     * so.
     */
    public static ConsolePage load() {
        return load(DIRECTORY);
    }

    static ConsolePage load(String directory) {
        byte[] index = read(directory + "index.html");
        SortedMap<String, PageFile> assets = new TreeMap<>();
        if (index == null) {
            return new ConsolePage(null, assets);
        }
        for (String name : text(required(directory + "files.txt")).split("\n")) {
            String path = directory + name;
            assets.put(name, PageFile.of(name, required(path), required(path + ".gz"), required(path + ".br")));
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
        PageFile asset = assets.get(name);
        if (asset != null) {
            // what is below assets/ has its content's hash in its name
            return asset.answer(name.startsWith("assets/"), acceptEncoding, ifNoneMatch);
        }
        if (name.startsWith("assets/")) {
            return ApiResponse.problem(Problem.of(
                    404, "not-found", "Not found", "no such file: " + Texts.shown(name) + "; reload the page"));
        }
        String html = index.replace(BASE, "<base href=\"" + PageFile.attribute(base + "/") + "\">");
        return PageFile.document(html, ifNoneMatch);
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

package io.amends.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * Why a request was not done, as RFC 9457 problem details ({@code application/problem+json}).
 *
 * @param type names the kind of problem, a URN that never changes
 * @param title the kind in words
 * @param status the HTTP status
 * @param detail this problem in words: the value, what was expected, what to do
 * @param code the last part of the type, for programs
 * @param mistakes every mistake of the request, one each; empty if {@code detail} says it all
 */
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String code,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> mistakes) {

    /** The media type of a problem. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** Copies the list. */
    public Problem {
        mistakes = List.copyOf(mistakes);
    }

    /** A problem that one sentence describes. */
    public static Problem of(int status, String code, String title, String detail) {
        return new Problem("urn:amends:problem:" + code, title, status, detail, code, List.of());
    }

    /** A problem with all mistakes of a request. */
    public static Problem of(int status, String code, String title, List<String> mistakes) {
        return new Problem("urn:amends:problem:" + code, title, status, String.join("; ", mistakes), code, mistakes);
    }

    /** The problem as JSON, the body of a response with {@link #MEDIA_TYPE}. */
    public byte[] toJson() {
        return Json.bytes(this);
    }
}

package io.amends.core.causality;

import io.amends.api.EventEnvelope;
import io.amends.core.event.CodecException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events by which an event came about, oldest first: those of the event that was being handled when it was published,
 * and that one, or all of its batch. They travel in the extension attribute {@code causes}.
 */
public final class Causes {
    /** The name of the attribute. */
    public static final String HEADER = "causes";
    /** The most that are carried: the newest; all of a larger batch. */
    private static final int MOST = 8;
    /** The most characters of the attribute: the oldest are left out beyond. */
    private static final int MOST_CHARACTERS = 2000;

    private Causes() {}

    /**
     * One of them.
     *
     * @param type its event type
     * @param id its id
     */
    public record Cause(String type, String id) {
        private String text() {
            return URLEncoder.encode(type, StandardCharsets.UTF_8) + ":"
                    + URLEncoder.encode(id, StandardCharsets.UTF_8);
        }
    }

    /**
     * Reads them from an event; none if it has no such attribute.
     *
     * @throws CodecException if the attribute is not what it has to be
     */
    public static List<Cause> of(EventEnvelope event) {
        String header = event.headers().get(HEADER);
        if (header == null || header.isEmpty()) {
            return List.of();
        }
        List<Cause> causes = new ArrayList<>();
        for (String text : header.split(",", -1)) {
            int colon = text.indexOf(':');
            if (colon < 1 || colon == text.length() - 1) {
                throw unreadable(header, null);
            }
            try {
                causes.add(new Cause(
                        URLDecoder.decode(text.substring(0, colon), StandardCharsets.UTF_8),
                        URLDecoder.decode(text.substring(colon + 1), StandardCharsets.UTF_8)));
            } catch (IllegalArgumentException e) {
                throw unreadable(header, e);
            }
        }
        return causes;
    }

    private static CodecException unreadable(String header, @Nullable IllegalArgumentException cause) {
        String shown = header.length() > 80 ? header.substring(0, 80) + "…" : header;
        return new CodecException(
                HEADER + ": " + shown + " (expected: type:id with commas between them, percent-encoded)", cause);
    }

    /** The attribute of what is published while this event is handled. */
    public static String after(EventEnvelope handled) {
        return after(List.of(handled));
    }

    /** The same while these events are handled, one or a batch: all of them come before what caused them. */
    public static String after(List<EventEnvelope> handled) {
        LinkedHashSet<String> all = new LinkedHashSet<>();
        handled.forEach(event -> all.addAll(carriedBy(event)));
        for (EventEnvelope event : handled) {
            String text = new Cause(event.type(), event.id()).text();
            all.remove(text); // one may have come about by another
            all.add(text);
        }
        ArrayDeque<String> causes = new ArrayDeque<>(all);
        int most = Math.max(MOST, handled.size());
        int characters = all.stream().mapToInt(text -> text.length() + 1).sum() - 1;
        while (causes.size() > 1 && (causes.size() > most || characters > MOST_CHARACTERS)) {
            characters -= causes.remove().length() + 1;
        }
        return String.join(",", causes);
    }

    private static List<String> carriedBy(EventEnvelope event) {
        try {
            return of(event).stream().map(Cause::text).toList();
        } catch (CodecException e) {
            return List.of(); // what came in is not readable, and is not sent on
        }
    }
}

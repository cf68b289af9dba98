package io.amends.spring.cloudevents;

import io.amends.api.EventEnvelope;
import io.amends.console.Problem;
import io.amends.core.event.EventLimits;
import io.amends.core.store.AppendResult;
import io.amends.core.store.Store;
import io.amends.core.store.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes CloudEvents from an HTTP request into the inbox.
 *
 * <p>Events of one request keep their order. When {@link #receive} returns without a problem every event is durable; it
 * is safe to send a request again, since (source, id) is remembered for 30 days. A request with any mistake stores
 * nothing. An event whose (source, id) came before with other content is not stored but kept visibly as rejected; the
 * others of its batch are stored, and the answer says so. Thread-safe.
 */
public final class CloudEventsDoor {
    /** The origin that stored events carry. */
    public static final String ORIGIN = "http";

    private static final Logger log = LoggerFactory.getLogger(CloudEventsDoor.class);
    private static final String STRUCTURED = "application/cloudevents";
    private static final String BATCH = "application/cloudevents-batch";

    private final Store store;
    private final Limits limits;
    private final BinaryEvent binary;
    private final StructuredEvents structured;

    /** Creates it for a store. */
    public CloudEventsDoor(Store store, EventLimits eventLimits, Limits limits) {
        this.store = store;
        this.limits = limits;
        this.binary = new BinaryEvent(eventLimits);
        this.structured = new StructuredEvents(eventLimits, limits.eventBytes(), limits.batch());
    }

    /**
     * What the door takes.
     *
     * @param eventBytes the longest event, attributes included where they are in the body
     * @param batch the most events of a batch
     * @param batchBytes the longest batch
     */
    public record Limits(int eventBytes, int batch, int batchBytes) {}

    private enum Mode {
        BINARY,
        STRUCTURED,
        BATCH
    }

    /**
     * Stores the events of a request.
     *
     * @param contentType the Content-Type header
     * @param headers all headers, in any case
     * @param body read up to the limit
     * @return why not, or empty if all events are durable
     * @throws IOException if the body can not be read; nothing was stored
     */
    public Optional<Problem> receive(@Nullable String contentType, Map<String, List<String>> headers, InputStream body)
            throws IOException {
        Mode mode = mode(contentType, headers);
        if (mode == null) {
            return Optional.of(Problem.of(
                    415,
                    "not-a-cloudevent",
                    "Not a CloudEvent",
                    "content type: " + (contentType == null ? "none" : EventDraft.shown(contentType))
                            + " without ce- headers (expected: application/cloudevents+json,"
                            + " application/cloudevents-batch+json, or ce- headers; in UTF-8)"));
        }
        int most = mode == Mode.BATCH ? limits.batchBytes() : limits.eventBytes();
        byte[] bytes = body.readNBytes(most);
        if (body.read() >= 0) {
            return Optional.of(Problem.of(
                    413,
                    "too-large",
                    "Too large",
                    "body: more than " + most + " bytes (expected: at most " + most + ")"));
        }
        String hop = first(headers, "traceparent");
        ReadEvents read = switch (mode) {
            case BINARY -> binary.read(headers, contentType, bytes, hop);
            case STRUCTURED -> structured.one(bytes, hop);
            case BATCH -> structured.batch(bytes, hop);
        };
        if (!read.mistakes().isEmpty()) {
            return Optional.of(
                    read.tooLarge()
                            ? Problem.of(413, "too-large", "Too large", read.mistakes())
                            : Problem.of(400, "invalid-cloudevent", "Invalid CloudEvent", read.mistakes()));
        }
        return append(read.events());
    }

    private Optional<Problem> append(List<EventEnvelope> events) {
        if (events.isEmpty()) {
            return Optional.empty();
        }
        try {
            return conflicts(events, store.append(events, ORIGIN));
        } catch (StoreUnavailableException e) {
            log.warn("{} events over HTTP could not be stored, the sender was told to try again", events.size(), e);
            return Optional.of(Problem.of(
                    503,
                    "database-away",
                    "The database is away",
                    "whether the events are stored is unknown; send them again, a repetition does no harm"));
        }
    }

    private static Optional<Problem> conflicts(List<EventEnvelope> events, List<AppendResult> results) {
        List<String> conflicts = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) == AppendResult.CONFLICT) {
                EventEnvelope event = events.get(i);
                conflicts.add((events.size() == 1 ? "" : "[" + i + "] ") + event.source() + "#" + event.id()
                        + ": this source and id came before with other content");
            }
        }
        if (conflicts.isEmpty()) {
            return Optional.empty();
        }
        log.warn("{} events over HTTP were rejected: {}", conflicts.size(), conflicts);
        conflicts.replaceAll(text -> text + " (expected: the same content, or a new id); it is kept as rejected"
                + (events.size() == 1 ? "" : ", all others of the batch without this mistake are stored"));
        return Optional.of(Problem.of(409, "conflicting-cloudevent", "Conflicting CloudEvent", conflicts));
    }

    private static @Nullable Mode mode(@Nullable String contentType, Map<String, List<String>> headers) {
        String type =
                contentType == null ? "" : contentType.toLowerCase(Locale.ROOT).replace(" ", "");
        String media = type.split(";", 2)[0];
        boolean utf8 =
                !type.contains("charset=") || type.contains("charset=utf-8") || type.contains("charset=\"utf-8\"");
        if (media.equals(STRUCTURED + "+json") && utf8) {
            return Mode.STRUCTURED;
        }
        if (media.equals(BATCH + "+json") && utf8) {
            return Mode.BATCH;
        }
        return !media.startsWith(STRUCTURED) && BinaryEvent.isBinary(headers) ? Mode.BINARY : null;
    }

    private static @Nullable String first(Map<String, List<String>> headers, String name) {
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            if (header.getKey().equalsIgnoreCase(name) && !header.getValue().isEmpty()) {
                return header.getValue().getFirst();
            }
        }
        return null;
    }
}

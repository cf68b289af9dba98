package io.amends.console;

import io.amends.api.EventEnvelope;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An event with its payload, as far as the caller may see it. */
public record EventPayload(
        String id,
        String source,
        String type,
        @Nullable String subject,
        @Nullable Instant time,
        @Nullable String key,
        @Nullable String dataContentType,
        Map<String, String> headers,
        @Described("The payload's length in bytes.") int bytes,

        @Described(
                value = "How `data` is written: text is the payload's own text, which for JSON is JSON.",
                oneOf = {"json", "text", "base64", "none"})
        String encoding,

        @Described("The payload, masked and cut as `masked` and `truncated` say; null if there is none or it may not be"
                + " shown.")
        @Nullable String data,

        @Described("Whether secrets are hidden.") boolean masked,

        @Described("Whether only the first 64 KiB are shown; ask with all=true for the rest.")
        boolean truncated) {

    /** The longest payload that is shown unless all is asked for, in bytes. */
    static final int INLINE = 64 * 1024;

    static EventPayload of(EventEnvelope event, Masking masking, boolean reveal, boolean all) {
        byte[] data = event.data();
        Shown shown = data == null ? new Shown("none", null, false) : show(data, masking, reveal, all);
        return new EventPayload(
                event.id(),
                event.source(),
                event.type(),
                event.subject(),
                event.time(),
                event.key(),
                event.dataContentType(),
                masking.headers(event.headers(), reveal),
                data == null ? 0 : data.length,
                shown.encoding(),
                shown.data(),
                !reveal,
                shown.truncated());
    }

    private record Shown(String encoding, @Nullable String data, boolean truncated) {}

    private static Shown show(byte[] data, Masking masking, boolean reveal, boolean all) {
        String text = Masking.text(data);
        Optional<String> json = text == null ? Optional.empty() : masking.json(data);
        if (json.isPresent()) {
            return cut("json", reveal && text != null ? text : json.get(), all);
        }
        if (!reveal) {
            // nobody knows where its secrets are
            return new Shown(text == null ? "base64" : "text", null, false);
        }
        return text != null
                ? cut("text", text, all)
                : cut("base64", Base64.getEncoder().encodeToString(data), all);
    }

    private static Shown cut(String encoding, String text, boolean all) {
        if (all || text.length() <= INLINE) {
            return new Shown(encoding, text, false);
        }
        int end = Character.isHighSurrogate(text.charAt(INLINE - 1)) ? INLINE - 1 : INLINE;
        return new Shown(encoding, text.substring(0, end), true);
    }
}

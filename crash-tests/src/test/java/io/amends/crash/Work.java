package io.amends.crash;

import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What an event of the workload asks of its handlers.
 *
 * @param uid names it in the ledger and among the effects
 * @param key the ordering key
 * @param seq its number within the key, in commit order
 * @param trouble what its handler does
 * @param times in how many attempts it does so
 */
record Work(String uid, String key, long seq, Trouble trouble, int times) {

    /** What a handler does with an event. */
    enum Trouble {
        /** Nothing unusual. */
        NONE,
        /** Throws something that a retry cures. */
        FAIL,
        /** Throws something that only a person has it retried after. */
        HOPELESS,
        /** Throws what HOPELESS does as long as the fault is there. */
        FAULTY,
        /** Takes longer than its slot waits for it. */
        SLOW,
        /** Takes longer than it may. */
        HANG
    }

    /** The event that handling this one publishes. */
    Work echo() {
        return new Work(uid + "-echo", key, seq, trouble == Trouble.FAIL ? trouble : Trouble.NONE, times);
    }

    @Override
    public String toString() {
        return String.join("|", uid, key, Long.toString(seq), trouble.name(), Integer.toString(times));
    }

    static Work parse(String text) {
        String[] parts = text.split("\\|");
        return new Work(
                parts[0], parts[1], Long.parseLong(parts[2]), Trouble.valueOf(parts[3]), Integer.parseInt(parts[4]));
    }

    /** Writes work as a line of text. */
    static final class Codec implements EventCodec {
        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public byte[] encode(Object payload) {
            return payload.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object decode(byte[] data, Type type) {
            return parse(new String(data, StandardCharsets.UTF_8));
        }

        @Override
        public Optional<String> text(byte[] data, String path) {
            throw new CodecException("no paths in this payload: " + path, null);
        }
    }
}

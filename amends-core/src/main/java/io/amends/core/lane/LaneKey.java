package io.amends.core.lane;

import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.core.causality.Causality;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import io.amends.core.event.EventLimits;
import io.amends.core.event.KeyHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where an event belongs in a processor: its slot and its lane. A pure function of the stored event, so that every node
 * and every build with the same mapping agrees.
 *
 * @param slot the slot
 * @param lane the key of its lane, null if it stands for itself
 * @param mistake why the event has no key although its processor needs one, else null
 */
public record LaneKey(
        int slot, @Nullable String lane, @Nullable String mistake) {
    /** The extension attribute that names the tenant; where it is present it is part of the key. */
    public static final String TENANT = "tenantid";

    private static final char PRIVATE = '\u0001';

    /** The key of a lane for one event alone, for an event without a lane that has to wait. */
    public static String privateLane(long position) {
        return PRIVATE + Long.toString(position);
    }

    /** Whether a lane is for one event alone. */
    public static boolean isPrivate(String lane) {
        return !lane.isEmpty() && lane.charAt(0) == PRIVATE;
    }

    /** The keys that wake what waits for whatever comes next: of the lane and of the event itself. */
    public static SortedSet<String> wakes(@Nullable String lane, EventEnvelope event) {
        SortedSet<String> keys = new TreeSet<>();
        if (lane != null && !isPrivate(lane)) {
            keys.add(lane);
        }
        String key = event.key();
        if (key != null) {
            keys.add(key);
        }
        return keys;
    }

    /** Finds the places of events. */
    @FunctionalInterface
    public interface Finder {
        /** The place of an event in a processor. */
        LaneKey place(ProcessorDefinition processor, EventEnvelope event);
    }

    /** The place of an event. */
    public static LaneKey of(ProcessorDefinition processor, EventEnvelope event, EventCodec codec) {
        List<String> key;
        String mistake = null;
        try {
            key = processor.order() == Order.NONE ? List.of() : keyParts(processor, event, codec);
        } catch (CodecException e) {
            key = List.of();
            mistake = e.getMessage();
        }
        int slot = processor.order() == Order.ALL
                ? 0
                : key.isEmpty()
                        ? KeyHash.slot(List.of(event.source(), event.id()), processor.slots())
                        : KeyHash.slot(key, processor.slots());
        if (processor.onFailure() == OnFailure.STOP) {
            return new LaneKey(slot, "slot " + slot, mistake);
        }
        if (processor.onFailure() == OnFailure.CONTINUE || key.isEmpty()) {
            return new LaneKey(slot, null, mistake);
        }
        String lane = Causality.joined(key);
        int bytes = lane.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > EventLimits.TEXT_BYTES) {
            return new LaneKey(
                    slot, null, "key: " + bytes + " bytes (expected: at most " + EventLimits.TEXT_BYTES + ")");
        }
        return new LaneKey(slot, lane, mistake);
    }

    private static List<String> keyParts(ProcessorDefinition processor, EventEnvelope event, EventCodec codec) {
        List<String> parts = new ArrayList<>();
        if (processor.keyPaths().isEmpty()) {
            String key = event.key();
            if (key == null) {
                return parts;
            }
            parts.add(key);
        }
        for (String path : processor.keyPaths()) {
            byte[] data = event.data();
            if (data == null) {
                throw new CodecException("key: no payload (expected: a value at " + path + ")", null);
            }
            String part = codec.text(data, path)
                    .orElseThrow(() -> new CodecException("key: the payload has no value at " + path, null));
            if (part.indexOf('\0') >= 0) {
                throw new CodecException("key: the value at " + path + " has a NUL character", null);
            }
            parts.add(part);
        }
        String tenant = event.headers().get(TENANT);
        if (tenant != null) {
            parts.add(0, tenant);
        }
        return parts;
    }
}

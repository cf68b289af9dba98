package io.amends.core.store;

import io.amends.core.causality.StreamKey;
import io.amends.core.causality.WaitRequest;
import io.amends.core.event.StoredEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event that is to wait.
 *
 * @param slot its slot
 * @param laneKey its lane
 * @param event the event
 * @param request what it waits for, how long, and what happens then
 * @param nextKey the key of which any event wakes it; null unless it waits for whatever comes next
 * @param provides the entities that it moves when it is done itself
 */
public record NewWait(
        SlotId slot,
        String laneKey,
        StoredEvent event,
        WaitRequest request,
        @Nullable String nextKey,
        List<StreamKey> provides) {
    /** Copies the list. */
    public NewWait {
        provides = List.copyOf(provides);
    }
}

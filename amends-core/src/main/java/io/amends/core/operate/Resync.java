package io.amends.core.operate;

import io.amends.api.EntitySynchronizer;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.Headers;
import io.amends.api.InvalidEventException;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.SynchronizerFunctions;
import io.amends.core.event.EventCodec;
import io.amends.core.event.EventLimits;
import io.amends.core.publish.EventDescription;
import io.amends.core.step.Conductor;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.Store;
import io.amends.core.store.StoreUnavailableException;
import io.amends.core.store.TransactionResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Brings what a synchronizer keeps up to date with its source, for a new service or after a repair.
 *
 * <p>What the source says goes into the inbox as events for that processor alone, and is handled like any other event: in
 * the order of its key, retried when it fails, and skipped if something newer was done meanwhile. An equal version is
 * applied once more. It knows nothing of tenants. Thread-safe; called outside of transactions.
 */
public final class Resync {
    private static final String ORIGIN = "resync";
    /** Events of one append: the head of the inbox is locked for as long as it takes. */
    private static final int BATCH = 100;

    private static final Duration LONGEST_READ = Duration.ofSeconds(30);
    /** Of an entity of which nothing was done: whatever is done is more. */
    private static final StreamVersion BEFORE_ALL = new StreamVersion(0, Long.MIN_VALUE);

    private final Store store;
    private final List<ProcessorDefinition> processors;
    private final EventCodec codec;
    private final EventLimits limits;
    private final String source;
    private final Conductor conductor;

    /**
     * Creates it.
     *
     * @param processors this node's, which say where a synchronizer's order has its key
     */
    public Resync(
            Store store,
            List<ProcessorDefinition> processors,
            EventCodec codec,
            EventLimits limits,
            String source,
            Conductor conductor) {
        this.store = store;
        this.processors = List.copyOf(processors);
        this.codec = codec;
        this.limits = limits;
        this.source = source;
        this.conductor = conductor;
    }

    /** {@link #one(String, EntitySynchronizer, String)} for the processor that its class names. */
    public <S> boolean one(EntitySynchronizer<S, ?> synchronizer, String key) throws Exception {
        return one(processorOf(synchronizer), synchronizer, key);
    }

    /**
     * Resyncs one entity; true if the source has it. What the source does not have is deleted here, unless something was done
     * of it since the source was asked.
     *
     * @throws UnsupportedOperationException if the synchronizer can not ask its source; nothing happens
     * @throws InvalidEventException if the snapshot can not be encoded, or has another key; nothing happens
     * @throws Exception what the synchronizer throws; nothing happens
     */
    public <S> boolean one(String processor, EntitySynchronizer<S, ?> synchronizer, String key) throws Exception {
        StreamVersion before = done(processor, key);
        S snapshot = synchronizer.fetch(key);
        EventEnvelope event = snapshot == null ? missing(processor, key, before) : present(processor, snapshot);
        if (!key.equals(event.key())) {
            throw new InvalidEventException(
                    "fetch(" + key + "): the snapshot of " + event.key() + " (expected: that of the key)", null);
        }
        store.append(List.of(event), ORIGIN);
        return snapshot != null;
    }

    /** {@link #all(String, EntitySynchronizer)} for the processor that its class names. */
    public <S> Result all(EntitySynchronizer<S, ?> synchronizer) throws Exception {
        return all(processorOf(synchronizer), synchronizer);
    }

    /**
     * Resyncs all entities, 100 in a transaction; then deletes those local ones that the source was asked for once more
     * and does not have, and of which nothing was done since.
     *
     * @throws UnsupportedOperationException if the synchronizer can not ask its source; nothing happens
     * @throws Exception what the synchronizer throws; a part may be done, and doing all again does no harm
     */
    public <S> Result all(String processor, EntitySynchronizer<S, ?> synchronizer) throws Exception {
        Set<String> seen = new TreeSet<>();
        long present = 0;
        Batch batch = new Batch();
        try (Stream<S> snapshots = synchronizer.fetchAll()) {
            for (Iterator<S> i = snapshots.iterator(); i.hasNext(); present++) {
                EventEnvelope event = present(processor, i.next());
                seen.add(String.valueOf(event.key()));
                batch.add(event);
            }
        }
        long missing = 0;
        try (Stream<String> keys = synchronizer.localKeys()) {
            for (Iterator<String> i = keys.iterator(); i.hasNext(); ) {
                String key = i.next();
                if (seen.contains(key)) {
                    continue;
                }
                StreamVersion before = done(processor, key);
                // it may have been created since the source was asked for all
                if (synchronizer.fetch(key) == null) {
                    batch.add(missing(processor, key, before));
                    missing++;
                }
            }
        }
        batch.flush();
        return new Result(present, missing);
    }

    /**
     * What a resync of all brought.
     *
     * @param present entities that the source has
     * @param missing local entities that it does not have
     */
    public record Result(long present, long missing) {}

    private final class Batch {
        private final List<EventEnvelope> events = new ArrayList<>();

        void add(EventEnvelope event) {
            events.add(event);
            if (events.size() == BATCH) {
                flush();
            }
        }

        void flush() {
            if (!events.isEmpty()) {
                store.append(List.copyOf(events), ORIGIN);
                events.clear();
            }
        }
    }

    private EventEnvelope present(String processor, Object snapshot) {
        EventDescription description = EventDescription.of(snapshot.getClass());
        String key = description.key(snapshot);
        if (key == null) {
            throw new InvalidEventException(
                    snapshot.getClass().getName() + ": no key (expected: @EventKey on a member that is not null)",
                    null);
        }
        return checked(new EventEnvelope(
                conductor.newId(),
                source,
                SynchronizerFunctions.resyncType(processor),
                description.subject(snapshot),
                conductor.wallClock(),
                codec.contentType(),
                codec.encode(snapshot),
                key,
                description.version(snapshot),
                description.epoch(snapshot),
                null,
                null,
                null,
                Headers.NONE));
    }

    /** What is done of an entity by now: what is done after that is not to be deleted. */
    private StreamVersion done(String processor, String key) {
        StreamKey entity = processors.stream()
                .filter(definition -> definition.name().equals(processor))
                .map(definition -> definition.function(SynchronizerFunctions.MISSING))
                .filter(Objects::nonNull)
                .map(function -> new StreamKey(function.causality().rules().get(0).stream(), key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "resync: no processor " + processor + " with a synchronizer on this node"));
        TransactionResult<SortedMap<StreamKey, StreamVersion>> read = store.inTransaction(
                LONGEST_READ,
                tx -> new HandlerWork.Verdict<>(false, tx.progress(processor, new TreeSet<>(Set.of(entity)))));
        return switch (read) {
            case TransactionResult.RolledBack<SortedMap<StreamKey, StreamVersion>> answer ->
                answer.value().getOrDefault(entity, BEFORE_ALL);
            case TransactionResult.Committed<SortedMap<StreamKey, StreamVersion>> none ->
                throw new IllegalStateException("resync: committed (expected: a look)");
            case TransactionResult.ConnectionLost<SortedMap<StreamKey, StreamVersion>> lost ->
                throw new StoreUnavailableException("resync: " + entity, lost.error());
            case TransactionResult.Threw<SortedMap<StreamKey, StreamVersion>> threw ->
                throw new StoreUnavailableException("resync: " + entity, threw.error());
        };
    }

    private EventEnvelope missing(String processor, String key, StreamVersion before) {
        return checked(new EventEnvelope(
                conductor.newId(),
                source,
                SynchronizerFunctions.missingType(processor),
                null,
                conductor.wallClock(),
                codec.contentType(),
                codec.encode(payload(processor, key)),
                key,
                before.version(),
                before.epoch(),
                null,
                null,
                null,
                Headers.NONE));
    }

    /** What puts an event of this key into its order: nothing, or the key where the processor looks for it. */
    private Map<String, Object> payload(String processor, String key) {
        List<String> paths = processors.stream()
                .filter(definition -> definition.name().equals(processor))
                .flatMap(definition -> definition.keyPaths().stream())
                .toList();
        if (paths.size() > 1) {
            throw new InvalidEventException(
                    "resync: processor " + processor + " has the key " + paths
                            + " (expected: at most one path); what is missing at the source can not be put in order",
                    null);
        }
        Map<String, Object> payload = Map.of();
        if (!paths.isEmpty()) {
            List<String> names = List.of(paths.get(0).split("\\.", -1));
            payload = Map.of(names.getLast(), key);
            for (int i = names.size() - 2; i >= 0; i--) {
                payload = Map.of(names.get(i), payload);
            }
        }
        return payload;
    }

    private EventEnvelope checked(EventEnvelope event) {
        List<String> breaches = limits.breaches(event);
        if (!breaches.isEmpty()) {
            throw new InvalidEventException("resync: " + String.join("; ", breaches), null);
        }
        return event;
    }

    private static String processorOf(EntitySynchronizer<?, ?> synchronizer) {
        EventProcessor annotation = synchronizer.getClass().getAnnotation(EventProcessor.class);
        if (annotation == null) {
            throw new IllegalArgumentException(synchronizer.getClass().getName()
                    + ": no @EventProcessor (expected: on the class); or name the processor");
        }
        return annotation.name();
    }
}

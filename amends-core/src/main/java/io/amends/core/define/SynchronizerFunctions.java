package io.amends.core.define;

import io.amends.api.Advances;
import io.amends.api.EntityEvents;
import io.amends.api.EntitySynchronizer;
import io.amends.api.EntitySynchronizer.Change;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Causality;
import java.lang.reflect.Type;
import java.util.List;
import java.util.function.Supplier;

/**
 * The functions of an {@link EntitySynchronizer}: one for snapshots, one for deletes, and two for what a resync brings.
 *
 * <p>A delete is not decoded: its payload may be less than a snapshot.
 */
public final class SynchronizerFunctions {
    private SynchronizerFunctions() {}

    /** The function for what a resync does not find at the source. */
    public static final String MISSING = "missing";

    /** The type of the events by which a resync brings a snapshot to a processor, and to no other. */
    public static String resyncType(String processor) {
        return "amends.resync." + processor;
    }

    /** The type of the events by which a resync tells a processor, and no other, that the source has no such entity. */
    public static String missingType(String processor) {
        return "amends.missing." + processor;
    }

    /** The functions; mistakes of the snapshot's class go to the list. */
    static List<FunctionSpec> of(
            Supplier<? extends EntitySynchronizer<?, ?>> synchronizer,
            Class<?> userClass,
            Type snapshot,
            String processor,
            List<String> mistakes) {
        Class<?> raw = PayloadTypes.raw(snapshot);
        EntityEvents events = raw == null ? null : raw.getAnnotation(EntityEvents.class);
        if (events == null) {
            mistakes.add("snapshot " + snapshot.getTypeName()
                    + ": no @EntityEvents (expected: on the class); annotate it with the name of the entity");
            return List.of();
        }
        StreamSpec stream = StreamSpec.of(events.value())
                .key(events.key())
                .version(events.version())
                .epoch(events.epoch());
        List<String> packages = List.of(synchronizer.get().getClass().getPackageName());
        return List.of(
                moving(
                        userClass,
                        upserts(synchronizer, snapshot, packages)
                                .named("upsert")
                                .types(or(events.upserts(), events.value() + ".created", events.value() + ".changed"))
                                .skipStale(stream)),
                FunctionSpec.ofBody(null, packages, (handled, attempt) -> {
                            HandledEvent event = handled.get(0);
                            synchronizer.get().remove(change(event), event.event(), attempt);
                            return null;
                        })
                        .named("delete")
                        .types(or(events.deletes(), events.value() + ".deleted"))
                        .skipStale(stream.deletes()),
                moving(
                        userClass,
                        upserts(synchronizer, snapshot, packages)
                                .named("resync")
                                .types(resyncType(processor))
                                .skipStale(stream.acceptEqual())),
                FunctionSpec.ofBody(null, packages, (handled, attempt) -> {
                            HandledEvent event = handled.get(0);
                            String key = event.event().key();
                            if (key == null) {
                                throw new IllegalStateException("the event has no key (expected: what is missing)");
                            }
                            synchronizer.get().removeMissing(key, event.event(), attempt);
                            return null;
                        })
                        .named(MISSING)
                        .types(missingType(processor))
                        // of what was done before the source was asked: nothing that has been done since
                        .skipStale(StreamSpec.of(events.value()).acceptEqual().deletes()));
    }

    /** What the class says that a snapshot moves besides its entity. */
    private static FunctionSpec moving(Class<?> userClass, FunctionSpec function) {
        FunctionSpec moving = function;
        for (Advances declared : userClass.getAnnotationsByType(Advances.class)) {
            moving = moving.advances(StreamSpec.of(declared));
        }
        return moving;
    }

    private static FunctionSpec upserts(
            Supplier<? extends EntitySynchronizer<?, ?>> synchronizer, Type snapshot, List<String> packages) {
        return FunctionSpec.ofBody(snapshot, packages, (handled, attempt) -> {
            HandledEvent event = handled.get(0);
            @SuppressWarnings("unchecked") // the codec decodes into the snapshot's type
            EntitySynchronizer<Object, ?> any = (EntitySynchronizer<Object, ?>) synchronizer.get();
            any.upsert(event.payload(), change(event), event.event(), attempt);
            return null;
        });
    }

    private static Change change(HandledEvent event) {
        Advance advance = event.advances().get(0);
        return new Change(
                Causality.keyOf(advance.entity(), event.event()),
                advance.version().epoch(),
                advance.version().version(),
                advance.rule() == Advance.Rule.SKIP_OLDER);
    }

    private static String[] or(String[] given, String... otherwise) {
        return given.length == 0 ? otherwise : given;
    }
}

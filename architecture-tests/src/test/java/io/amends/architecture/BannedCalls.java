package io.amends.architecture;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Calls that make a run unrepeatable. */
final class BannedCalls {
    private static final String ANY = "*";

    /** Class to methods; {@code *} is every method and constructor, {@code <init>} the constructors. */
    private static final SequencedMap<String, List<String>> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("java.time.Instant", List.of("now"));
        METHODS.put("java.time.LocalDateTime", List.of("now"));
        METHODS.put("java.time.OffsetDateTime", List.of("now"));
        METHODS.put("java.time.ZonedDateTime", List.of("now"));
        METHODS.put("java.time.Clock", List.of("systemUTC", "systemDefaultZone", "system"));
        METHODS.put("java.lang.System", List.of("currentTimeMillis", "nanoTime"));
        METHODS.put("java.util.Date", List.of("<init>"));
        METHODS.put("java.util.UUID", List.of("randomUUID"));
        METHODS.put("java.util.Random", List.of("<init>"));
        METHODS.put("java.security.SecureRandom", List.of("<init>"));
        METHODS.put("java.lang.Math", List.of("random"));
        METHODS.put("java.util.concurrent.ThreadLocalRandom", List.of(ANY));
        METHODS.put("java.lang.Thread", List.of("<init>", "sleep", "ofVirtual", "ofPlatform", "startVirtualThread"));
        METHODS.put("java.util.concurrent.Executors", List.of(ANY));
        METHODS.put("java.util.concurrent.CompletableFuture", List.of("supplyAsync", "runAsync"));
    }

    private BannedCalls() {}

    /** What the fixture's report must contain, one for each ban. */
    static List<String> fragments() {
        return METHODS.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream()
                        .map(method -> "calls " + entry.getKey() + "." + (method.equals(ANY) ? "" : method)))
                .toList();
    }

    /** Whether a class makes, or refers to, one of them. */
    static ArchCondition<JavaClass> make() {
        return new ArchCondition<>("make calls to clocks, chance or threads") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (JavaAccess<?> access : item.getAccessesFromSelf()) {
                    String owner = access.getTargetOwner().getName();
                    String method = access.getTarget().getName();
                    List<String> names = METHODS.getOrDefault(owner, List.of());
                    if (names.contains(ANY) || names.contains(method)) {
                        events.add(SimpleConditionEvent.satisfied(
                                item, "calls " + owner + "." + method + ": " + access.getDescription()));
                    }
                }
            }
        };
    }
}

package io.amends.testkit.disorder;

import io.amends.testkit.disorder.Delivered.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says why an order matters and what would make it good, from the events' names, versions and effects. A guess: it reads
 * payloads and states, it does not understand them.
 *
 * @param cause why
 * @param text what to do, with events called by their labels
 */
record Advice(Cause cause, String text) {
    private static final Pattern BEGINS = Pattern.compile(".*(Created|Registered|Opened|Added|Joined|Started)\\w*");

    /**
     * Two events that are handled the wrong way round.
     *
     * @param earlier the one that happened first, from 0
     * @param later the one that happened later and was handled first
     */
    record Pair(int earlier, int later) {}

    static Advice of(Fault fault, List<TestEvent> events, Outcome inOrder, Outcome inDisorder, Declared declared) {
        Advice advice = first(fault, events, inOrder, inDisorder, declared);
        return new Advice(advice.cause(), advice.text() + ofEqualEvents(events));
    }

    private static Advice first(
            Fault fault, List<TestEvent> events, Outcome inOrder, Outcome inDisorder, Declared declared) {
        Advice endless = ofEndlessWait(inDisorder);
        if (endless != null) {
            return endless;
        }
        List<Pair> pairs = pairs(inDisorder.trace());
        // these are tried only after all orders without them have passed: the order alone is not to blame
        boolean orderIsToBlame = fault == Fault.NONE || fault == Fault.STEP_ASIDE;
        if (fault == Fault.APART) {
            Advice apart = ofOtherProcessor(events, inDisorder);
            return apart != null ? apart : ofFault(fault, inDisorder);
        }
        if (!orderIsToBlame || pairs.isEmpty()) {
            return ofFault(fault, inDisorder);
        }
        for (Pair pair : pairs) {
            Advice versions = ofVersions(events, pair, inDisorder, declared);
            if (versions != null) {
                return versions;
            }
        }
        for (Pair pair : pairs) {
            if (isTooEarly(events, pair, inOrder, inDisorder)) {
                return tooEarly(events, pair, inDisorder);
            }
        }
        if (!inDisorder.stuck().isEmpty()) {
            return neverSucceeds(inDisorder, pairs.get(0));
        }
        return reversed(events, pairs.get(0), declared);
    }

    /** A wait that lasts for ever is all there is to say. */
    private static @Nullable Advice ofEndlessWait(Outcome inDisorder) {
        return inDisorder.unended().isEmpty()
                ? null
                : new Advice(
                        Cause.NEVER_SUCCEEDS,
                        inDisorder.unended().stream()
                                .map(wait -> wait.text(inDisorder.unended(), inDisorder.stuck()))
                                .collect(Collectors.joining("\n")));
    }

    /** A repetition that is given as an event of its own is no disorder, and no declaration of an order cures it. */
    private static String ofEqualEvents(List<TestEvent> events) {
        for (int first = 0; first < events.size(); first++) {
            for (int second = first + 1; second < events.size(); second++) {
                if (events.get(first).shown().equals(events.get(second).shown())) {
                    return "\n\n%s and %s are equal, but two events to the test, with ids of their own. If one only repeats the other, declare it once, and set duplicates(Duplicates.HANDLED) if handlers get to see repetitions."
                            .formatted(label(first), label(second));
                }
            }
        }
        return "";
    }

    /** The pairs that took effect the wrong way round, retries included. */
    static List<Pair> pairs(List<Delivered> trace) {
        List<Integer> order = new ArrayList<>();
        for (Delivered delivered : trace) {
            boolean counts = switch (delivered.what()) {
                case HANDLED, FAILED, STALE, WOKEN, SKIPPED, PARKED -> !order.contains(delivered.event());
                case HANDLED_AGAIN, RETRIED, CRASHED, WAITING -> false;
            };
            if (counts) {
                order.add(delivered.event());
            }
        }
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            for (int j = i + 1; j < order.size(); j++) {
                if (order.get(i) > order.get(j)) {
                    pairs.add(new Pair(order.get(j), order.get(i)));
                }
            }
        }
        return pairs;
    }

    static String label(int event) {
        return "m" + (event + 1);
    }

    private static Advice ofFault(Fault fault, Outcome inDisorder) {
        if (fault == Fault.TWO_NODES || fault == Fault.TAKE_OVER) {
            return new Advice(
                    Cause.KEPT_IN_MEMORY,
                    "What one instance of the processor remembers is not known to the other, and is gone after a restart."
                            + " Do not keep state in fields: keep it in the database (in the sandbox's here), and read it"
                            + " anew for each event.");
        }
        String event = inDisorder.trace().stream()
                .filter(step -> step.what() == What.CRASHED || step.what() == What.HANDLED_AGAIN)
                .map(step -> label(step.event()))
                .findFirst()
                .orElse("an event");
        return fault == Fault.DUPLICATE
                ? new Advice(
                        Cause.NOT_IDEMPOTENT,
                        event
                                + " has its effects twice when it comes twice. Let the handler remember what it has seen (the"
                                + " event's id is a good key), or write the result instead of adding to it.")
                : new Advice(
                        Cause.NOT_ROLLED_BACK,
                        event
                                + " leaves effects behind although its transaction was rolled back, and has them again when it"
                                + " is delivered again. Keep them in the transaction (in the sandbox's database here, not in fields); for"
                                + " effects outside of it make the handler idempotent by the event's id.");
    }

    private static @Nullable Advice ofVersions(
            List<TestEvent> events, Pair pair, Outcome inDisorder, Declared declared) {
        TestEvent earlier = events.get(pair.earlier());
        TestEvent later = events.get(pair.later());
        Map<String, Long> newer = versions(later);
        for (Map.Entry<String, Long> version : versions(earlier).entrySet()) {
            String name = version.getKey();
            Long other = match(newer, name);
            if (other == null) {
                continue;
            }
            if (version.getValue() < other) {
                if (inDisorder.trace().stream()
                        .anyMatch(step -> step.event() == pair.earlier() && step.what() == What.STALE)) {
                    return skippedAndMissed(pair);
                }
                return newer.containsKey(name)
                        ? ofOlder(events, pair, name, declared)
                        : ofAnothersVersion(events, pair, name, nameOf(newer, name), declared);
            }
            if (version.getValue().equals(other)
                    && !earlier.envelope().type().equals(later.envelope().type())) {
                return new Advice(
                        Cause.VERSION_NEEDED,
                        "%s was made with %s %s, which %s brings, and is handled before it. It needs at least that version, and waits until it is there:%s"
                                .formatted(
                                        label(pair.later()),
                                        name,
                                        version.getValue(),
                                        label(pair.earlier()),
                                        Declaration.requireVersion(
                                                earlier,
                                                later,
                                                name,
                                                nameOf(newer, name),
                                                declared.elsewhere(earlier, later))));
            }
        }
        return null;
    }

    /** Two versions of one entity. */
    private static Advice ofOlder(List<TestEvent> events, Pair pair, String name, Declared declared) {
        TestEvent earlier = events.get(pair.earlier());
        TestEvent later = events.get(pair.later());
        String declaration = Declaration.skipStale(earlier, later, name, declared);
        return new Advice(
                Cause.STALE_VERSION,
                "%s has %s %s and is handled after %s with %s. Skip what is stale: all types of the entity declare one stream, or an EntitySynchronizer follows them; a delete keeps its version, so that a late update can not bring the row back%s"
                        .formatted(
                                label(pair.earlier()),
                                name,
                                versions(earlier).get(name),
                                label(pair.later()),
                                versions(later).get(name),
                                declaration == null ? "." : ":" + declaration));
    }

    /** An event that was made with a version of another entity, and an event that brings another version of that. */
    private static Advice ofAnothersVersion(
            List<TestEvent> events, Pair pair, String name, String otherName, Declared declared) {
        TestEvent earlier = events.get(pair.earlier());
        TestEvent later = events.get(pair.later());
        String elsewhere = declared.elsewhere(earlier, later);
        if (name.length() < otherName.length()) {
            // the later one speaks of a version that is newer than what the earlier one brings
            return new Advice(
                    Cause.VERSION_NEEDED,
                    "%s was made with %s %s and is handled before %s, which brings %s. It needs at least its own version, and waits until it is there:%s"
                            .formatted(
                                    label(pair.later()),
                                    otherName,
                                    versions(later).get(otherName),
                                    label(pair.earlier()),
                                    versions(earlier).get(name),
                                    Declaration.requireVersion(earlier, later, name, otherName, elsewhere)));
        }
        return new Advice(
                Cause.STALE_VERSION,
                "%s was made with %s %s and is handled after %s, which brings %s %s: what it speaks of has ended. Let it wait until its version is there, and %s:%s"
                        .formatted(
                                label(pair.earlier()),
                                name,
                                versions(earlier).get(name),
                                label(pair.later()),
                                otherName,
                                versions(later).get(otherName),
                                elsewhere == null
                                        ? "skip it if that is over"
                                        : "let the handler compare the two: if a newer one is there, that is over",
                                Declaration.ended(
                                        later, earlier, otherName, name, declared.elsewhere(later, earlier))));
    }

    /** A processor that is ahead of another one whose result it builds on; null if the trace shows none. */
    private static @Nullable Advice ofOtherProcessor(List<TestEvent> events, Outcome inDisorder) {
        List<Delivered> trace = inDisorder.trace();
        for (int first = 0; first < trace.size(); first++) {
            for (Delivered second : trace.subList(first + 1, trace.size())) {
                Delivered ahead = trace.get(first);
                if (!second.processor().equals(ahead.processor()) && second.event() <= ahead.event()) {
                    TestEvent earlier = events.get(second.event());
                    TestEvent later = events.get(ahead.event());
                    List<String> shared = shared(earlier, later);
                    return new Advice(
                            Cause.OTHER_PROCESSOR,
                            "%s is handled by processor \"%s\" before processor \"%s\" has done %s. Each processor goes at its own pace, whatever order the source keeps: say what has to be done before%s"
                                    .formatted(
                                            label(ahead.event()),
                                            ahead.processor(),
                                            second.processor(),
                                            label(second.event()),
                                            shared.isEmpty()
                                                    ? ", with @RunAfter or @RequireVersion and processor = \""
                                                            + second.processor() + "\"."
                                                    : ":"
                                                            + Declaration.runAfter(
                                                                    earlier, later, shared, second.processor())));
                }
            }
        }
        return null;
    }

    /** The declaration is there, and does what it says. */
    private static Advice skippedAndMissed(Pair pair) {
        return new Advice(
                Cause.STALE_VERSION,
                "%s is skipped as stale, as its function declares, and what it would have done is missed: %s does not stand for it. Let an event that may be skipped carry the whole state, or keep what counts each event (a sum, a log) in a function without @SkipStale."
                        .formatted(label(pair.earlier()), label(pair.later())));
    }

    /** The version of this name, or of a name that says the same with a prefix: regionVersion, userRegionVersion. */
    private static @Nullable Long match(Map<String, Long> versions, String name) {
        for (Map.Entry<String, Long> entry : versions.entrySet()) {
            String a = entry.getKey().toLowerCase(Locale.ROOT);
            String b = name.toLowerCase(Locale.ROOT);
            if (a.equals(b)
                    || (a.length() > "version".length() && b.endsWith(a))
                    || (b.length() > "version".length() && a.endsWith(b))) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static String nameOf(Map<String, Long> versions, String name) {
        return versions.keySet().stream()
                .filter(other -> match(Map.of(other, 0L), name) != null)
                .findFirst()
                .orElse(name);
    }

    private static Map<String, Long> versions(TestEvent event) {
        Map<String, Long> versions = new TreeMap<>();
        Long version = event.envelope().version();
        if (version != null) {
            versions.put("version", version);
        }
        Components.of(event.shown()).forEach((name, value) -> {
            if (name.toLowerCase(Locale.ROOT).endsWith("version") && value instanceof Number number) {
                versions.put(name, number.longValue());
            }
        });
        return versions;
    }

    /** Whether the later event does nothing, or throws, while the earlier one is missing. */
    private static boolean isTooEarly(List<TestEvent> events, Pair pair, Outcome inOrder, Outcome inDisorder) {
        boolean missed = false;
        for (Delivered step : inDisorder.trace()) {
            if (step.event() == pair.later()) {
                missed = step.what() == What.FAILED
                        || (changesNothing(inDisorder, step)
                                && inOrder.trace().stream()
                                        .anyMatch(other ->
                                                other.event() == pair.later() && !changesNothing(inOrder, other)));
                break;
            }
        }
        TestEvent earlier = events.get(pair.earlier());
        return missed
                && (BEGINS.matcher(earlier.envelope().type()).matches()
                        || BEGINS.matcher(earlier.shown().getClass().getSimpleName())
                                .matches()
                        || shared(earlier, events.get(pair.later())).isEmpty());
    }

    static boolean changesNothing(Outcome outcome, Delivered step) {
        int at = outcome.trace().indexOf(step);
        String before =
                at == 0 ? outcome.initial() : outcome.trace().get(at - 1).state();
        return before.equals(step.state());
    }

    private static Advice tooEarly(List<TestEvent> events, Pair pair, Outcome inDisorder) {
        Throwable error = inDisorder.error();
        return new Advice(
                Cause.TOO_EARLY,
                "%s comes too early: what it speaks of is missing until %s is handled. That is not a failure: let it wait for the next event of its key%s%s"
                        .formatted(
                                label(pair.later()),
                                label(pair.earlier()),
                                error == null
                                        ? ", instead of passing over it: throw Wait.forNext(), or an exception that the function names:"
                                        : ":",
                                Declaration.waitOn(events.get(pair.later()), error)));
    }

    private static Advice neverSucceeds(Outcome inDisorder, Pair pair) {
        return new Advice(
                Cause.NEVER_SUCCEEDS,
                "%s never succeeds once %s was handled before %s. If it has nothing left to do then, let the handler return instead of throwing; else let %s run after %s."
                        .formatted(
                                label(inDisorder.stuck().get(0)),
                                label(pair.later()),
                                label(pair.earlier()),
                                label(pair.later()),
                                label(pair.earlier())));
    }

    private static Advice reversed(List<TestEvent> events, Pair pair, Declared declared) {
        TestEvent earlier = events.get(pair.earlier());
        TestEvent later = events.get(pair.later());
        List<String> shared = shared(earlier, later);
        boolean differ = !earlier.envelope().type().equals(later.envelope().type());
        return new Advice(
                Cause.REVERSED_PAIR,
                "%s must run after %s%s.%s"
                        .formatted(
                                label(pair.later()),
                                label(pair.earlier()),
                                shared.isEmpty() ? "" : " of the same " + String.join(", ", shared),
                                differ && !shared.isEmpty()
                                        ? " Let it wait for exactly that event:"
                                                + Declaration.runAfter(
                                                        earlier, later, shared, declared.elsewhere(earlier, later))
                                        : " Remember in the handlers what they saw, and let the one that comes second do the sum of both."));
    }

    /** Names of values that both have and that are the same: what both are about. */
    private static List<String> shared(TestEvent earlier, TestEvent later) {
        Map<String, Object> other = Components.of(later.shown());
        List<String> names = new ArrayList<>();
        Components.of(earlier.shown()).forEach((name, value) -> {
            if (name.toLowerCase(Locale.ROOT).endsWith("id") && value.equals(other.get(name))) {
                names.add(name);
            }
        });
        return names;
    }
}

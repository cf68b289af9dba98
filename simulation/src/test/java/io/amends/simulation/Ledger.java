package io.amends.simulation;

import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Requirement;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.failure.Situation;
import io.amends.core.failure.Status;
import io.amends.core.failure.Transition;
import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowDelta;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.AppendResult;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NewWait;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ParkResult;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.Store;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.Untangled;
import io.amends.core.store.WaitResult;
import io.amends.core.store.WaitingEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The truth about a simulated run, kept beside the store from what each verb really did, and checked at each write
 * against what the design promises. It sees what the engine sees and also what the engine is not told: whether a commit
 * whose reply was lost has happened.
 *
 * <p>What is promised, and checked here: nothing committed is lost and nothing rolled back appears; positions have no
 * gaps and follow the order of commits; a write counts only under the slot's newest fence and at its true position; the
 * cursor passes an event only if it is done or durably held; an event has at most one effect per processor; events of a
 * lane are done in order; a result counts only for the attempt that runs; states change only as the table of transitions
 * says; the scheduler prepares nothing beyond its retries, and nothing that may still be running; an event is handled
 * only if it is newer than all that was done of its entity, and is passed over as stale only if it is not, so that an
 * entity's state is the newest version handled and a deleted one never comes back by an older event; an event is
 * handled only after what it declares to need, or after its wait was to proceed without; it waits only for what is not
 * done; whatever waits for something that is done by now is due, and a record that waits is tried only then; nothing of a
 * lane that a person has paused begins, and what comes to it is parked; no more is counted as relayed or handled than was.
 */
final class Ledger {
    private final Store store;
    private final World world;
    private final Map<String, Book> books = new TreeMap<>();
    private final ArrayDeque<Committed> outbox = new ArrayDeque<>();
    private final Map<String, EventEnvelope> remembered = new HashMap<>();
    private final Set<String> numbered = new HashSet<>();
    private final List<StoredEvent> inbox = new ArrayList<>();
    private final ArrayDeque<EventEnvelope> appended = new ArrayDeque<>();
    private final Map<String, Long> flowed = new TreeMap<>();
    private final List<Effect> effects = new ArrayList<>();
    private final Map<FailureId, FailedExecution> records =
            new TreeMap<>(java.util.Comparator.comparing(FailureId::value));
    private final Map<FailureId, Entry> entryOf = new HashMap<>();
    private final Map<FailureId, Integer> automatic = new HashMap<>();
    /** Records that a person has let run after their sequence had gone on. */
    private final Set<FailureId> letRunLate = new HashSet<>();
    /** Records that a person has let run without what they waited for. */
    private final Set<FailureId> letRunWithout = new HashSet<>();
    /** What the run that ends a record just now came to. */
    private State runEndsAs = State.EFFECT;

    /** A published event of a committed transaction that has no position yet. */
    private record Committed(EventEnvelope event, boolean dedupe) {}

    /** What a handler wrote. */
    record Effect(String processor, String eventId, String key, int attempt, String node) {}

    enum State {
        NEW,
        PASSED,
        PARKED,
        WAITING,
        RECORD,
        EFFECT,
        STALE,
        SKIPPED
    }

    /** An event as a processor sees it. */
    static final class Entry {
        final StoredEvent stored;
        final LaneKey key;
        State state = State.NEW;
        FailureId record;
        /** The lane that it holds a place in. */
        String lane;
        /** What it waits for, or waited for last. */
        NewWait wait;
        /** What a person has said of that wait. */
        OnTimeout said;
        /** Something before it in its lane waits for what it provides. */
        boolean overtakes;
        /** The build that parked it has no function for it, and could not say what it provides. */
        boolean providesUnknown;
        /** Its record is one that waits. */
        boolean byWait;
        /** A person has let it fail although what it waited for had come: nothing wakes its record. */
        boolean overruled;

        Entry(StoredEvent stored, LaneKey key) {
            this.stored = stored;
            this.key = key;
        }

        /** Others may run before it: it waits for whatever comes next. */
        boolean yields() {
            return waitsNow() && wait.request().what() instanceof WaitFor.Next;
        }

        boolean waitsNow() {
            return state == State.WAITING || (state == State.RECORD && byWait && !overruled);
        }

        boolean awaits(String processor, StreamKey entity) {
            return waitsNow()
                    && wait.request().what() instanceof WaitFor.Version version
                    && version.processor().equals(processor)
                    && version.entity().equals(entity);
        }

        boolean isDone() {
            return switch (state) {
                case EFFECT, STALE, SKIPPED, PASSED -> true;
                case NEW, PARKED, WAITING, RECORD -> false;
            };
        }

        @Override
        public String toString() {
            return stored.position() + " " + stored.event().id() + " (" + state + ", lane " + key.lane() + ")";
        }
    }

    /** What is known of a slot. */
    static final class Slot {
        final List<Entry> entries = new ArrayList<>();
        long position;
        long fence;
        boolean revoked;
        int passed;
    }

    /** What is known of a processor. */
    static final class Book {
        final ProcessorDefinition definition;
        final Slot[] slots;
        final Map<String, Entry> byEvent = new HashMap<>();
        final Map<String, TreeMap<Long, Entry>> lanes = new TreeMap<>();
        final Set<String> types = new TreeSet<>();
        /** What was ever put over the policies of its functions. */
        final Map<String, List<RetryPolicyChange>> overrides = new TreeMap<>();
        /** Lanes that a person has paused. */
        final Set<String> paused = new TreeSet<>();
        /** The newest that was done of each entity. */
        final Map<StreamKey, StreamVersion> done = new TreeMap<>();
        /** What each entity's state has to be; null for a deleted one. */
        final Map<StreamKey, String> entities = new TreeMap<>();

        SortedMap<String, String> functions;
        boolean created;

        Book(ProcessorDefinition definition) {
            this.definition = definition;
            slots = new Slot[definition.slots()];
            Arrays.setAll(slots, i -> new Slot());
        }
    }

    Ledger(Store store, World world, List<ProcessorDefinition> full) {
        this.store = store;
        this.world = world;
        full.forEach(definition -> books.put(definition.name(), new Book(definition)));
    }

    // ---- publishing and the inbox ---------------------------------------------------------------------------------

    void published(List<EventEnvelope> events, Set<String> given) {
        events.forEach(event -> outbox.add(new Committed(event, given.contains(event.id()))));
    }

    void appended(List<EventEnvelope> events, List<AppendResult> results) {
        for (int i = 0; i < events.size(); i++) {
            EventEnvelope event = events.get(i);
            EventEnvelope before = remembered.get(identity(event));
            AppendResult expected = before == null
                    ? AppendResult.APPENDED
                    : Arrays.equals(before.data(), event.data()) ? AppendResult.DUPLICATE : AppendResult.CONFLICT;
            AppendResult result = results.get(i);
            check(result == expected, () -> "append of " + event + ": " + result + ", expected " + expected);
            if (expected == AppendResult.APPENDED) {
                remembered.put(identity(event), event);
                appended.add(event);
            }
        }
        readInbox();
    }

    /** Takes over what got a position. */
    void readInbox() {
        for (StoredEvent stored : store.read(inbox.size(), Integer.MAX_VALUE).events()) {
            check(
                    stored.position() == inbox.size() + 1L,
                    () -> "position " + stored.position() + " after " + inbox.size() + ": a gap");
            EventEnvelope event = stored.event();
            check(numbered.add(identity(event)), () -> event + " has a position already");
            EventEnvelope expected = stored.origin().equals(StoredEvent.LOCAL) ? nextOfOutbox() : appended.poll();
            check(
                    expected != null
                            && identity(expected).equals(identity(event))
                            && Arrays.equals(expected.data(), event.data()),
                    () -> "position " + stored.position() + " is " + event + ", expected " + expected);
            inbox.add(stored);
            for (Book book : books.values()) {
                if (book.definition.functionFor(event.type()) != null) {
                    LaneKey key = LaneKey.of(book.definition, event, world.codec);
                    Entry entry = new Entry(stored, key);
                    book.slots[key.slot()].entries.add(entry);
                    book.byEvent.put(identity(event), entry);
                }
            }
        }
        dropRepeated();
    }

    private EventEnvelope nextOfOutbox() {
        dropRepeated();
        Committed next = outbox.poll();
        if (next == null) {
            return null;
        }
        if (next.dedupe()) {
            remembered.put(identity(next.event()), next.event());
        }
        return next.event();
    }

    private void dropRepeated() {
        while (!outbox.isEmpty()
                && outbox.peek().dedupe()
                && remembered.containsKey(identity(outbox.peek().event()))) {
            outbox.remove();
        }
    }

    static String identity(EventEnvelope event) {
        return event.source() + "#" + event.id();
    }

    // ---- ownership ------------------------------------------------------------------------------------------------

    void joined(NodeRegistration node) {
        for (ProcessorRegistration registration : node.processors()) {
            Book book = book(registration.name());
            if (book.created && !registration.functions().equals(book.functions)) {
                for (Slot slot : book.slots) {
                    slot.revoked = true;
                }
            }
            if (!book.created) {
                long position = inbox.isEmpty() ? 0 : store.read(0, 1).logStart() - 1;
                for (Slot slot : book.slots) {
                    slot.position = position;
                    check(slot.entries.stream().noneMatch(e -> e.stored.position() <= position), "registered too late");
                }
            }
            book.created = true;
            book.functions = registration.functions();
            book.types.addAll(registration.functions().keySet());
        }
    }

    void taken(TakenSlot taken) {
        Slot slot = slot(taken.claim().slot());
        check(
                taken.claim().fence() > slot.fence,
                () -> "take-over of " + taken.claim() + ": the fence did not grow from " + slot.fence);
        check(
                taken.position() == slot.position,
                () -> "take-over of " + taken.claim() + " at " + taken.position() + ", expected " + slot.position);
        slot.fence = taken.claim().fence();
        slot.revoked = false;
    }

    private void checkFence(Claim claim, String what) {
        Slot slot = slot(claim.slot());
        check(
                claim.fence() == slot.fence && !slot.revoked,
                () -> what + " under fence " + claim.fence() + " of " + claim.slot() + ", but the fence is "
                        + slot.fence + (slot.revoked ? " and raised since" : ""));
    }

    // ---- passing --------------------------------------------------------------------------------------------------

    void carried(CursorMove move) {
        pass(move, Set.of(), State.NEW, "carry");
    }

    /** {@code known}: whether the node that parks it has a function for its type, and so can say what it provides. */
    void parked(CursorMove move, String lane, StoredEvent event, ParkResult result, boolean known) {
        Book book = book(move.claim().slot().processor());
        TreeMap<Long, Entry> held = book.lanes.get(lane);
        if (result == ParkResult.LANE_FREE) {
            check(
                    held == null && !book.paused.contains(lane),
                    () -> "lane " + lane + " was said to be free, but has " + held + ", paused " + book.paused);
        }
        if (result == ParkResult.PARKED || result == ParkResult.PARKED_MAY_RUN) {
            check(
                    held != null || book.paused.contains(lane),
                    () -> "parked behind nothing: lane " + lane + ", event " + event.position());
            if (held == null) {
                world.count("parked by a pause");
            }
            Entry entry = entry(book, event.event());
            pass(move, Set.of(entry), State.PARKED, "park");
            check(lane.equals(entry.key.lane()), () -> "parked in lane " + lane + ": " + entry);
            entry.providesUnknown = !known;
            entry.overtakes = held != null
                    && provides(book, entry).stream()
                            .anyMatch(entity ->
                                    held.values().stream().anyMatch(row -> row.awaits(book.definition.name(), entity)));
            hold(book, entry, lane);
            boolean mayRun = mayRun(book, entry) && !book.paused.contains(lane);
            check(
                    (result == ParkResult.PARKED_MAY_RUN) == mayRun,
                    () -> "parked as " + result + " in " + book.lanes.get(lane));
        }
    }

    // ---- policies -------------------------------------------------------------------------------------------------

    void overridden(PolicyOverride.Draft draft) {
        world.count("policy overridden");
        book(draft.processor())
                .overrides
                .computeIfAbsent(draft.function(), name -> new ArrayList<>())
                .add(draft.change());
    }

    /** A new record has its function's policy, or what was put over it. */
    private void checkPolicy(Book book, NewFailure failure) {
        FunctionDefinition function = book.definition.function(failure.function());
        if (function == null || failure.policy().equals(function.policy())) {
            return;
        }
        world.count("recorded under an override");
        check(
                book.overrides.getOrDefault(function.name(), List.of()).stream()
                        .anyMatch(change -> change.over(function.policy()).equals(failure.policy())),
                () -> "recorded with the policy " + failure.policy() + ": " + failure.id());
    }

    // ---- paused lanes ---------------------------------------------------------------------------------------------

    void lanePaused(LaneCommand command, LaneChange change) {
        Book book = book(command.processor());
        boolean paused = book.paused.contains(command.laneKey());
        LaneChange expected = !book.created ? LaneChange.NOT_FOUND : paused ? LaneChange.UNCHANGED : LaneChange.DONE;
        check(change == expected, () -> "pause of " + command + ": " + change + ", expected " + expected);
        if (change == LaneChange.DONE) {
            world.count("lane paused");
            book.paused.add(command.laneKey());
        }
    }

    void laneResumed(LaneCommand command, LaneChange change) {
        Book book = book(command.processor());
        boolean paused = book.paused.remove(command.laneKey());
        boolean held = book.lanes.containsKey(command.laneKey());
        LaneChange expected = paused ? LaneChange.DONE : held ? LaneChange.UNCHANGED : LaneChange.NOT_FOUND;
        check(change == expected, () -> "resume of " + command + ": " + change + ", expected " + expected);
        if (paused) {
            world.count("lane resumed");
        }
    }

    /** What may run next in a lane. */
    void nextInLane(String processor, String lane, Optional<LaneEvent> next) {
        check(
                next.isEmpty() || !book(processor).paused.contains(lane),
                () -> "released from the paused lane " + lane + " of " + processor + ": " + next);
    }

    /** Keys of a processor's lanes that hold something. */
    List<String> heldLanes(String processor) {
        return List.copyOf(book(processor).lanes.keySet());
    }

    /** The lanes that are paused, by processor. */
    SortedMap<String, List<String>> pausedLanes() {
        SortedMap<String, List<String>> paused = new TreeMap<>();
        books.forEach((name, book) -> paused.put(name, List.copyOf(book.paused)));
        return paused;
    }

    // ---- waiting --------------------------------------------------------------------------------------------------

    void waits(RunOrigin origin, NewWait wait, WaitResult result) {
        Book book = book(wait.slot().processor());
        Entry entry = entry(book, wait.event().event());
        checkSatisfied(entry, wait, result);
        if (result != WaitResult.WAITING) {
            return;
        }
        if (origin instanceof RunOrigin.FromLane lane) {
            check(
                    entry.said == null || entry.said == lane.ended(),
                    () -> "waits on, but a person has said " + entry.said + ": " + entry);
        }
        entry.said = null;
        entry.providesUnknown = false;
        switch (origin) {
            case RunOrigin.FromSlot slot -> {
                check(firstHeld(book, entry.key) == null, () -> "waits from its slot behind a held lane: " + entry);
                pass(slot.move(), Set.of(entry), State.WAITING, "wait");
                entry.wait = wait;
                hold(book, entry, wait.laneKey());
            }
            case RunOrigin.FromLane lane -> {
                checkFence(lane.claim(), "waits from its lane");
                check(
                        entry.state == State.PARKED || entry.state == State.WAITING,
                        () -> "waits from its lane: " + entry);
                checkMayRun(book, entry, "tried");
                entry.state = State.WAITING;
                entry.wait = wait;
            }
        }
        letOvertake(book, entry);
    }

    /** A person has ended a wait, or there was none. */
    void waitEnded(String processor, long position, OnTimeout then, boolean ended) {
        Entry entry = book(processor).byEvent.values().stream()
                .filter(one -> one.stored.position() == position)
                .findFirst()
                .orElseThrow();
        check(
                ended == (entry.state == State.WAITING),
                () -> "a person's " + then + " was " + (ended ? "taken" : "refused") + ": " + entry);
        if (ended) {
            world.count("wait ended by a person");
            entry.said = then;
        }
    }

    /** Nothing that a person has said is overruled by a timeout that was over before. */
    private void checkSaid(Entry entry, RunOrigin.FromLane run) {
        check(
                run.ended() == null || entry.said == null || run.ended() == entry.said,
                () -> "ended by " + run.ended() + ", but a person has said " + entry.said + ": " + entry);
    }

    /** A record's attempt was too early. */
    void recordWaits(FailureId failure, NewWait wait, WaitResult result) {
        Entry entry = entryOf.get(failure);
        checkSatisfied(entry, wait, result);
        if (result == WaitResult.WAITING) {
            entry.byWait = true;
            entry.overruled = false;
            entry.wait = wait;
            if (entry.lane != null) {
                letOvertake(book(wait.slot().processor()), entry);
            }
        }
    }

    private void checkSatisfied(Entry entry, NewWait wait, WaitResult result) {
        if (result != WaitResult.LOST) {
            check(
                    isSatisfied(wait) == (result == WaitResult.SATISFIED),
                    () -> result + " for " + wait.request().what().text() + ": " + entry);
        }
    }

    private boolean isSatisfied(NewWait wait) {
        return wait.request().what() instanceof WaitFor.Version version && isDone(version);
    }

    private boolean isDone(WaitFor.Version version) {
        return version.isSatisfiedBy(book(version.processor()).done.get(version.entity()));
    }

    private void letOvertake(Book book, Entry waiting) {
        if (waiting.wait.request().what() instanceof WaitFor.Version version
                && version.processor().equals(book.definition.name())) {
            for (Entry row : book.lanes.get(waiting.lane).values()) {
                row.overtakes |= provides(book, row).contains(version.entity());
            }
        }
    }

    private static List<StreamKey> provides(Book book, Entry entry) {
        EventEnvelope event = entry.stored.event();
        return entry.providesUnknown
                ? List.of()
                : book.definition.functionFor(event.type()).causality().provides(event);
    }

    /** A handler may run only when what its declarations ask for was done, or its wait was to proceed without. */
    private void checkRequired(Book book, Entry entry) {
        EventEnvelope event = entry.stored.event();
        for (Requirement requirement :
                book.definition.functionFor(event.type()).causality().requirements(event)) {
            WaitRequest request = requirement.request();
            boolean proceeds =
                    (request.onTimeout() == OnTimeout.PROCEED && (entry.wait != null || entry.record != null))
                            || entry.said == OnTimeout.PROCEED
                            || (entry.record != null && letRunWithout.contains(entry.record));
            boolean satisfied = isDone((WaitFor.Version) request.what());
            if (!satisfied && proceeds) {
                world.count("proceeded");
            }
            check(
                    satisfied || proceeds,
                    () -> "handled before " + request.what().text() + ": " + entry);
        }
    }

    void recorded(RunOrigin origin, NewFailure failure) {
        Book book = book(failure.processor());
        Entry entry = entry(book, failure.event());
        checkPolicy(book, failure);
        boolean explained = !failure.prepared() && !failure.function().isEmpty();
        check(
                explained
                        || failure.fingerprint()
                                .equals(Fingerprint.ofReason(
                                                failure.reason(),
                                                failure.processor(),
                                                failure.event().type())
                                        .value()),
                () -> "recorded in the group " + failure.fingerprint() + ": " + entry);
        check(entry.stored.position() == failure.position(), () -> "recorded at " + failure.position() + ": " + entry);
        check(
                Objects.equals(entry.lane == null ? entry.key.lane() : entry.lane, failure.laneKey()),
                () -> "recorded in " + failure.laneKey() + ": " + entry);
        switch (origin) {
            case RunOrigin.FromSlot slot -> {
                check(firstHeld(book, entry.key) == null, () -> "recorded from its slot behind a held lane: " + entry);
                pass(slot.move(), Set.of(entry), State.RECORD, "record");
            }
            case RunOrigin.FromLane lane -> {
                checkFence(lane.claim(), "recorded from its lane");
                checkSaid(entry, lane);
                check(
                        entry.state == State.PARKED || entry.state == State.WAITING,
                        () -> "recorded from its lane: " + entry);
                checkMayRun(book, entry, "recorded");
                boolean timedOut = failure.reason() == FailureReason.WAIT_TIMEOUT;
                check(!timedOut || entry.state == State.WAITING, () -> "timed out without a wait: " + entry);
                entry.state = State.RECORD;
                entry.byWait = timedOut;
                entry.overruled = timedOut && entry.said == OnTimeout.FAIL && isSatisfied(entry.wait);
            }
        }
        entry.record = failure.id();
        entryOf.put(failure.id(), entry);
        if (failure.laneKey() != null) {
            hold(book, entry, failure.laneKey());
        }
        FailedExecution record = store.failure(failure.id()).orElse(null);
        check(record != null, () -> "no record after it was recorded: " + failure.id());
        check(
                Transition.of(null, record.status()).isPresent()
                        && record.retry().attempt() == 1,
                () -> "a record begins as " + record.status());
        records.put(failure.id(), record);
    }

    private void pass(CursorMove move, Set<Entry> now, State state, String what) {
        checkFence(move.claim(), what);
        SlotId id = move.claim().slot();
        Book book = book(id.processor());
        Slot slot = slot(id);
        check(
                move.from() == slot.position,
                () -> what + " from " + move.from() + " of " + id + ", but it is at " + slot.position);
        int found = 0;
        while (slot.passed < slot.entries.size()
                && slot.entries.get(slot.passed).stored.position() <= move.to()) {
            Entry entry = slot.entries.get(slot.passed);
            if (now.contains(entry)) {
                check(entry.state == State.NEW, () -> what + " of " + entry);
                entry.state = state;
                found++;
            } else if (entry.state == State.NEW) {
                check(
                        !book.types.contains(entry.stored.event().type()),
                        () -> what + " of " + id + " passes " + entry + ", which is neither done nor held");
                entry.state = State.PASSED;
            }
            slot.passed++;
        }
        check(found == now.size(), () -> what + " of " + now + " by a move to " + move.to());
        slot.position = move.to();
    }

    // ---- handling -------------------------------------------------------------------------------------------------

    /** What nodes say has flowed is added once, however often they say it: it is never more than what has. */
    void flowed(List<FlowDelta> deltas) {
        for (FlowDelta delta : deltas) {
            String place = delta.stage() + " " + delta.processor();
            long sum = flowed.merge(place, delta.numbers().count(FlowCount.EVENTS), Long::sum);
            switch (delta.stage()) {
                case TRANSPORT ->
                    check(sum <= inbox.size(), () -> place + " " + sum + " of " + inbox.size() + " positions");
                case HANDLED -> {
                    long done = effects.stream()
                            .filter(effect -> effect.processor().equals(delta.processor()))
                            .count();
                    check(sum <= done, () -> place + " " + sum + " of " + done + " effects");
                }
                case OUTBOX, INBOX -> {
                    // published in transactions that rolled back; counted by the store
                }
            }
        }
    }

    /** A handler's transaction has committed, whatever the engine was told. */
    void handled(HandlerContext context) {
        Set<Entry> entries = new HashSet<>();
        List<Entry> ordered = new ArrayList<>();
        for (Effect effect : context.effects) {
            Entry entry = entry(book(effect.processor()), effect.eventId());
            check(entries.add(entry), () -> "two effects in one transaction: " + entry);
            ordered.add(entry);
            effects.add(effect);
        }
        check(
                context.published.size() == context.returned,
                () -> context.published.size() + " events published, " + context.returned + " returned");
        check(context.finished != null, "committed without a finish");
        ordered.forEach(entry -> checkSeen(entry, context));
        switch (context.finished) {
            case HandlerContext.Finish.Move slot -> {
                Book book = book(slot.move().claim().slot().processor());
                List<Entry> stale = advance(book, slot.move(), entries);
                Set<Entry> all = new HashSet<>(entries);
                all.addAll(stale);
                check(!all.isEmpty(), "a handler's transaction without an effect");
                pass(slot.move(), all, State.NEW, "handled");
                for (Entry entry : all) {
                    Entry before = firstHeld(book, entry.key);
                    check(before == null, () -> "handled from its slot: " + entry + " before " + before);
                    entry.state = entries.contains(entry) ? State.EFFECT : State.STALE;
                }
            }
            case HandlerContext.Finish.Lane lane -> {
                Book book = book(lane.run().claim().slot().processor());
                Entry entry =
                        book.lanes.get(lane.run().laneKey()).get(lane.run().position());
                check(entry != null, () -> "handled from its lane, where it is not: " + lane.run());
                checkFence(lane.run().claim(), "handled from its lane");
                checkSaid(entry, lane.run());
                check(
                        entry.state == State.PARKED || entry.state == State.WAITING,
                        () -> "handled from its lane: " + entry);
                if (entry.overtakes && firstHeld(book, entry.key) != entry) {
                    world.count("overtook");
                }
                done(book, entry, advance(book, entry, ordered, context));
            }
            case HandlerContext.Finish.OfRecords records -> {
                check(!records.seen().isEmpty(), "a record's run without a decision");
                if (records.seen().size() > 1) {
                    world.count("shared by attempts");
                }
                Map<Entry, Seen> ended = new HashMap<>();
                records.seen()
                        .forEach(seen -> ended.put(entryOf.get(seen.before().id()), seen));
                check(ended.keySet().containsAll(entries), () -> entries + " instead of " + ended.keySet());
                // as they ran, each sees those before it as done; what did not run is stale by what was done before or
                // by them
                List<Entry> inOrder = new ArrayList<>(ordered);
                ended.keySet().stream()
                        .filter(entry -> !entries.contains(entry))
                        .forEach(inOrder::add);
                for (Entry entry : inOrder) {
                    endedByRun(entry, ended.get(entry), entries.contains(entry), context);
                }
            }
        }
    }

    private void endedByRun(Entry entry, Seen seen, boolean handled, HandlerContext context) {
        FailedExecution before = seen.before();
        int attempt = before.retry().attempt();
        check(
                context.effects.stream()
                        .filter(effect ->
                                effect.eventId().equals(entry.stored.event().id()))
                        .allMatch(effect -> effect.attempt() == attempt),
                () -> context.effects + " ended attempt " + attempt + " of " + entry);
        check(
                before.id().equals(entry.record) && entry.state == State.RECORD,
                () -> "the run of " + before.id() + " had the effect of " + entry);
        runEndsAs = advance(book(before.processor()), entry, handled ? List.of(entry) : List.of(), context);
        changed(seen, true);
    }

    /** A handler that moves a stream must have seen all that was done of the entity when it commits. */
    private void checkSeen(Entry entry, HandlerContext context) {
        Book book = bookOf(entry);
        for (Advance advance : advances(book, entry)) {
            if (advance.rule() != Advance.Rule.NEVER_SKIP) {
                StreamVersion seen = context.done.get(advance.entity());
                StreamVersion done = book.done.get(advance.entity());
                check(
                        Objects.equals(seen, done) || (seen != null && advance.isLateAt(seen)),
                        () -> "handled when " + seen + " was done of " + advance.entity() + ", committed when " + done
                                + " was: " + entry);
            }
        }
    }

    private Book bookOf(Entry entry) {
        return books.values().stream()
                .filter(book -> book.byEvent.containsValue(entry))
                .findFirst()
                .orElseThrow();
    }

    // ---- streams --------------------------------------------------------------------------------------------------

    /**
     * Moves the streams by what a slot's transaction did, in order; returns what it passed over as stale. Of several
     * events of one entity the last one must be newer than what others have done: nobody sees the states between.
     */
    private List<Entry> advance(Book book, CursorMove move, Set<Entry> handled) {
        Slot slot = slot(move.claim().slot());
        SortedMap<StreamKey, StreamVersion> before = new TreeMap<>(book.done);
        SortedMap<StreamKey, Entry> last = new TreeMap<>();
        List<Entry> inOrder = new ArrayList<>();
        List<Entry> stale = new ArrayList<>();
        for (int i = slot.passed; i < slot.entries.size(); i++) {
            Entry entry = slot.entries.get(i);
            if (entry.stored.position() > move.to()) {
                break;
            }
            if (handled.contains(entry)) {
                inOrder.add(entry);
                for (Advance advance : skipping(book, entry)) {
                    Entry earlier = last.put(advance.entity(), entry);
                    if (earlier != null) {
                        skipping(book, earlier)
                                .forEach(a -> check(
                                        !advance.isStaleAt(a.version()),
                                        () -> "stale, and handled: " + entry + ", " + earlier));
                    }
                }
            } else if (entry.state == State.NEW
                    && book.types.contains(entry.stored.event().type())) {
                inOrder.add(entry);
                stale.add(entry);
            }
        }
        for (Entry entry : inOrder) {
            if (stale.contains(entry)) {
                passOver(book, entry);
            } else if (skipping(book, entry).isEmpty() || last.containsValue(entry)) {
                advance(book, entry);
            } else {
                // another one of its entity comes after it in the same transaction
                checkRequired(book, entry);
                advances(book, entry).forEach(advance -> move(book, advance));
            }
        }
        stale.forEach(entry -> check(
                isStale(book, entry) || isLate(book, entry),
                () -> "passed over, and not stale: " + entry + ", done was " + before));
        return stale;
    }

    /** Moves the streams by a single event, if it was handled; it must be stale if it was not. */
    private State advance(Book book, Entry entry, List<Entry> handled, HandlerContext context) {
        check(handled.isEmpty() || handled.equals(List.of(entry)), () -> handled + " instead of " + entry);
        if (handled.isEmpty()) {
            if (entry.state == State.WAITING
                    && (entry.said == OnTimeout.SKIP || entry.wait.request().onTimeout() == OnTimeout.SKIP)
                    && !isStale(book, entry)) {
                world.count("skipped after a wait");
                advances(book, entry).forEach(advance -> move(book, advance));
                return State.SKIPPED;
            }
            check(isStale(book, entry) || wasStale(book, entry, context), () -> "passed over, and not stale: " + entry);
            passOver(book, entry);
            return State.STALE;
        }
        advance(book, entry);
        return State.EFFECT;
    }

    /** A stale event is done for those who wait for it: it moves what can not make it stale. */
    private static void passOver(Book book, Entry entry) {
        advances(book, entry).stream()
                .filter(advance -> advance.rule() == Advance.Rule.NEVER_SKIP)
                .forEach(advance -> move(book, advance));
    }

    private void advance(Book book, Entry entry) {
        check(
                !isStale(book, entry) || isLetRunLate(entry),
                () -> "stale, and handled: " + entry + ", done was " + book.done);
        checkRequired(book, entry);
        for (Advance advance : advances(book, entry)) {
            StreamVersion done = book.done.get(advance.entity());
            if (done != null && advance.isLateAt(done)) {
                check(isLetRunLate(entry), () -> "handled late: " + entry + ", done was " + done);
                world.count("handled late");
            }
            move(book, advance);
            if (advance.rule() == Advance.Rule.SKIP_OLDER_AND_EQUAL) {
                book.entities.put(
                        advance.entity(),
                        advance.deletes() ? null : advance.version().toString());
            }
        }
    }

    private boolean isLetRunLate(Entry entry) {
        return entry.record != null && letRunLate.contains(entry.record);
    }

    /** Behind the newest of its entity: an equal one before it in the same transaction may be why it was stale. */
    private static boolean isLate(Book book, Entry entry) {
        return advances(book, entry).stream().anyMatch(advance -> {
            StreamVersion done = book.done.get(advance.entity());
            return done != null && advance.isLateAt(done);
        });
    }

    private static void move(Book book, Advance advance) {
        book.done.merge(advance.entity(), advance.version(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }

    private boolean isStale(Book book, Entry entry) {
        return advances(book, entry).stream().anyMatch(advance -> {
            StreamVersion done = book.done.get(advance.entity());
            return done != null && advance.isStaleAt(done);
        });
    }

    /** Stale when its run asked: by now its sequence may have gone on further. */
    private static boolean wasStale(Book book, Entry entry, HandlerContext context) {
        return advances(book, entry).stream().anyMatch(advance -> {
            StreamVersion seen = context.done.get(advance.entity());
            return seen != null && advance.isStaleAt(seen);
        });
    }

    private static List<Advance> skipping(Book book, Entry entry) {
        return advances(book, entry).stream()
                .filter(advance -> advance.rule() != Advance.Rule.NEVER_SKIP)
                .toList();
    }

    private static List<Advance> advances(Book book, Entry entry) {
        EventEnvelope event = entry.stored.event();
        return book.definition.functionFor(event.type()).causality().advances(event);
    }

    /** A person's skip moves the streams, too, and says what becomes of what waits for that. */
    void advanced(Seen seen, java.util.Collection<Advance> advances, OnTimeout dependents) {
        if (seen.change() instanceof Change.Write write && write.after().status() == Status.SKIPPED) {
            Book book = book(seen.before().processor());
            for (Advance advance : advances) {
                world.count("skip moved a stream");
                if (dependents != OnTimeout.PROCEED) {
                    dependentsOf(book, advance).forEach(entry -> {
                        world.count("dependents " + dependents);
                        entry.said = dependents;
                    });
                }
                move(book, advance);
            }
        }
    }

    /** The events that wait for this, and for nothing that was done before. */
    private List<Entry> dependentsOf(Book book, Advance advance) {
        return books.values().stream()
                .flatMap(one -> one.byEvent.values().stream())
                .filter(entry -> entry.state == State.WAITING
                        && entry.wait.request().what() instanceof WaitFor.Version version
                        && version.processor().equals(book.definition.name())
                        && version.entity().equals(advance.entity())
                        && version.atLeast().compareTo(advance.version()) <= 0
                        && !isSatisfied(entry.wait))
                .toList();
    }

    private void done(Book book, Entry entry, State state) {
        checkMayRun(book, entry, "done");
        entry.state = state;
        release(book, entry);
    }

    private void checkMayRun(Book book, Entry entry, String what) {
        check(
                mayRun(book, entry),
                () -> what + ": " + entry + " in "
                        + book.lanes.get(entry.lane == null ? entry.key.lane() : entry.lane));
    }

    /** Nothing before it but what lets others go first, or something waits for it and no handler failed before it. */
    private static boolean mayRun(Book book, Entry entry) {
        String lane = entry.lane == null ? entry.key.lane() : entry.lane;
        TreeMap<Long, Entry> held = lane == null ? null : book.lanes.get(lane);
        if (held == null) {
            return true;
        }
        var earlier = held.headMap(entry.stored.position(), false).values();
        return earlier.stream().allMatch(Entry::yields)
                || (entry.overtakes && earlier.stream().noneMatch(e -> e.state == State.RECORD && !e.byWait));
    }

    /** An event was let overtake its lane: something waits for it, and it stands behind something that waits. */
    void untangled(Untangled untangled) {
        Book book = book(untangled.processor());
        TreeMap<Long, Entry> rows = book.lanes.get(untangled.laneKey());
        Entry entry = rows == null ? null : rows.get(untangled.position());
        check(entry != null && !entry.overtakes, () -> "untangled: " + entry);
        check(
                rows.headMap(untangled.position(), false).values().stream().anyMatch(Entry::waitsNow),
                () -> "untangled behind nothing that waits: " + entry + " in " + rows);
        check(
                books.values().stream()
                        .flatMap(other -> other.byEvent.values().stream())
                        .anyMatch(other -> advances(book, entry).stream()
                                .anyMatch(advance -> other.awaits(untangled.processor(), advance.entity()))),
                () -> "untangled though nothing waits for it: " + entry);
        entry.overtakes = true;
    }

    private static boolean isPaused(Book book, Entry entry) {
        return entry.lane != null && book.paused.contains(entry.lane);
    }

    private static Entry firstHeld(Book book, LaneKey key) {
        TreeMap<Long, Entry> held = key.lane() == null ? null : book.lanes.get(key.lane());
        return held == null ? null : held.firstEntry().getValue();
    }

    private static void hold(Book book, Entry entry, String lane) {
        entry.lane = lane;
        book.lanes.computeIfAbsent(lane, l -> new TreeMap<>()).put(entry.stored.position(), entry);
    }

    private static void release(Book book, Entry entry) {
        TreeMap<Long, Entry> held = entry.lane == null ? null : book.lanes.get(entry.lane);
        if (held != null) {
            held.remove(entry.stored.position());
            if (held.isEmpty()) {
                book.lanes.remove(entry.lane);
            }
        }
        entry.lane = null;
    }

    // ---- records --------------------------------------------------------------------------------------------------

    /** A decision, with what it was asked about. */
    record Seen(FailedExecution before, Situation situation, Change change) {}

    /** A decision was written. */
    void changed(Seen seen, boolean byRun) {
        FailedExecution before = seen.before();
        if (seen.change() instanceof Change.Refuse refuse) {
            world.count("refused " + refuse.refusal());
            return;
        }
        FailedExecution known = records.get(before.id());
        check(before.equals(known), () -> "the store decided about " + before + ", but the record is " + known);
        Entry entry = entryOf.get(before.id());
        Book book = book(before.processor());
        check(
                seen.situation().mayRun() == (mayRun(book, entry) && !isPaused(book, entry)),
                () -> "mayRun of " + entry + " was said to be "
                        + seen.situation().mayRun() + " in " + book.lanes.get(entry.lane));
        Slot slot = slot(new SlotId(before.processor(), before.slot()));
        check(
                seen.situation().fence() == slot.fence || slot.revoked,
                () -> "the fence was said to be " + seen.situation().fence() + ", it is " + slot.fence);
        switch (seen.change()) {
            case Change.Write write -> written(seen, write, byRun, book, entry);
            case Change.Remove remove -> {
                world.count("removed");
                check(byRun && before.status() == Status.PREPARED, () -> "removed without a run: " + entry);
                done(book, entry, runEndsAs);
                records.remove(before.id());
            }
            case Change.Refuse refuse -> {}
        }
    }

    private void written(Seen seen, Change.Write write, boolean byRun, Book book, Entry entry) {
        FailedExecution before = seen.before();
        FailedExecution after = write.after();
        HistoryEntry.Type type = write.entry().type();
        check(after.id().equals(before.id()), "the id changed");
        check(
                Transition.of(before.status(), after.status()).isPresent(),
                () -> "no such transition: " + before.status() + " to " + after.status() + " by " + type);
        world.count(before.status() + " " + type + " " + after.status());
        if (after.reason() == FailureReason.LOST_ATTEMPTS && after.status() == Status.FAILED) {
            world.count("lost attempts");
        }
        if (type == HistoryEntry.Type.REQUESTED
                && before.reason().isWait()
                && Boolean.parseBoolean(write.entry().details().get("force"))) {
            letRunWithout.add(before.id());
        }
        boolean begins = type == HistoryEntry.Type.PREPARED;
        check(
                after.retry().attempt() == before.retry().attempt() + (begins ? 1 : 0),
                () -> type + " made attempt " + after.retry().attempt() + " of "
                        + before.retry().attempt());
        if (begins) {
            checkBegin(seen, after);
            if (before.reason() == FailureReason.OUT_OF_SEQUENCE) {
                letRunLate.add(before.id());
            }
        }
        check(
                after.reason() != FailureReason.OUT_OF_SEQUENCE
                        || before.reason() == FailureReason.OUT_OF_SEQUENCE
                        || !letRunLate.contains(before.id()),
                () -> "late once more, after a person let it run: " + entry);
        switch (after.status()) {
            case SUCCEEDED -> {
                check(byRun, () -> "succeeded without a run: " + entry);
                done(book, entry, runEndsAs);
            }
            case SKIPPED -> {
                check(type == HistoryEntry.Type.SKIPPED && !byRun, () -> "skipped by " + type);
                check(
                        before.status() == Status.FAILED || isLost(before, seen.situation()),
                        () -> "skipped while it runs: " + entry);
                entry.state = State.SKIPPED;
                release(book, entry);
            }
            case FAILED, PREPARED -> check(!byRun, () -> "a run ended as " + after.status());
        }
        if (before.reason().isWait() && !after.reason().isWait()) {
            entry.byWait = false;
        }
        records.put(after.id(), after);
    }

    /** Whether nobody may still be running it: said once more here, so that the engine's own rule is checked, too. */
    private boolean isLost(FailedExecution record, Situation situation) {
        Slot slot = slot(new SlotId(record.processor(), record.slot()));
        return record.retry().fence() != slot.fence
                || slot.revoked
                || !record.retry().timeoutAt().isAfter(situation.now());
    }

    private void checkBegin(Seen seen, FailedExecution after) {
        FailedExecution before = seen.before();
        check(seen.situation().mayRun(), () -> "prepared behind an earlier event: " + before.id());
        check(
                !isPaused(book(before.processor()), entryOf.get(before.id())),
                () -> "prepared in a paused lane: " + before.id());
        if (before.status() == Status.PREPARED) {
            check(isLost(before, seen.situation()), () -> "prepared beside a running attempt: " + before.id());
            check(world.mayLoseAttempts(), () -> "an attempt was lost without a fault: " + before.id());
            return;
        }
        if (seen.situation().woken()) {
            world.count("woken record");
            Entry entry = entryOf.get(before.id());
            check(
                    !(entry.wait.request().what() instanceof WaitFor.Version) || isSatisfied(entry.wait),
                    () -> "woken before " + entry.wait.request().what().text() + ": " + before.id());
            return;
        }
        check(
                before.retry().nextRetryAt() != null
                        && !before.retry()
                                .nextRetryAt()
                                .isAfter(seen.situation().now()),
                () -> "prepared before its time: " + before.id());
        if (!before.retry().requested()) {
            check(before.retriesLeft(), () -> "prepared with no retries left: " + before);
            int retries = automatic.merge(before.id(), 1, Integer::sum);
            check(
                    retries <= before.policy().maxRetries()
                            && after.retry().retries() <= before.policy().maxRetries(),
                    () -> retries + " automatic retries of " + before.id() + ", at most "
                            + before.policy().maxRetries());
        }
    }

    /** The record's attempts failed in {@code change}, which was called with this attempt. */
    void attemptFailed(Seen seen, int attempt) {
        check(
                seen.before().retry().attempt() == attempt,
                () -> "the failure of attempt " + attempt + " ended attempt "
                        + seen.before().retry().attempt() + " of "
                        + seen.before().id());
    }

    void refusedAsUnknown(FailureId id, Change change) {
        if (change instanceof Change.Refuse refuse && refuse.refusal() == Refusal.NOT_FOUND) {
            check(
                    !records.containsKey(id) || records.get(id).status().isDone(),
                    () -> "the open record " + id + " was not found");
        }
    }

    // ---- the whole ------------------------------------------------------------------------------------------------

    /** Compares the store's tables with what is known. */
    void compareTables(List<Effect> table, Map<String, String> entities) {
        SortedMap<String, String> expected = new TreeMap<>();
        books.forEach((name, book) -> book.entities.forEach((entity, version) -> {
            if (version != null) {
                expected.put(name + "/" + entity, version);
            }
        }));
        check(
                expected.equals(new TreeMap<>(entities)),
                () -> "the table of entities is " + entities + ", expected " + expected);
        check(table.equals(effects), () -> "the table of effects differs: " + table.size() + " and " + effects.size());
        int waiting = 0;
        for (WaitingEvent wait : store.waits(null, 0, Integer.MAX_VALUE)) {
            Entry entry = book(wait.processor()).byEvent.get(wait.source() + "#" + wait.id());
            check(entry != null && entry.waitsNow(), () -> "waits in the store only: " + wait + ", " + entry);
            boolean woken = !isSatisfied(entry.wait) || wait.dueAt() != null;
            check(woken, () -> "a lost wake-up: " + entry + " for " + wait.what());
            waiting++;
        }
        for (Book book : books.values()) {
            for (Slot slot : book.slots) {
                for (Entry entry : slot.entries) {
                    waiting -= entry.waitsNow() ? 1 : 0;
                }
            }
        }
        check(waiting == 0, "not every wait is in the store");
        for (FailedExecution known : records.values()) {
            FailedExecution stored = store.failure(known.id()).orElse(null);
            check(
                    stored == null ? known.status().isDone() : stored.equals(known),
                    () -> "record " + stored + ", expected " + known);
        }
        for (Book book : books.values()) {
            if (!book.created) {
                continue;
            }
            int lanes = 0;
            for (int i = 0; i < book.slots.length; i++) {
                SlotId id = new SlotId(book.definition.name(), i);
                for (var held : store.heldLanes(new Claim(id, book.slots[i].fence))) {
                    TreeMap<Long, Entry> rows = book.lanes.get(held.laneKey());
                    check(rows != null, () -> "lane " + held + " is held by nothing");
                    Entry first = rows.firstEntry().getValue();
                    check(first.key.slot() == i, () -> "lane " + held + " is of slot " + first.key.slot());
                    check(
                            held.released()
                                    == (!book.paused.contains(held.laneKey())
                                            && rows.values().stream()
                                                    .anyMatch(row -> row.state == State.PARKED && mayRun(book, row))),
                            () -> "lane " + held + " has " + rows.values());
                    boolean stops = book.definition.onFailure() == OnFailure.STOP
                            && rows.values().stream().anyMatch(e -> e.state == State.RECORD);
                    check(held.stopsSlot() == stops, () -> "lane " + held + " of " + rows.values());
                    var head = store.laneHead(book.definition.name(), held.laneKey());
                    check(
                            head.isPresent() && head.get().event().position() == first.stored.position(),
                            () -> "the head of lane " + held + " is " + head + ", expected " + first);
                    lanes++;
                }
            }
            check(lanes == book.lanes.size(), () -> "fewer lanes than expected: " + book.lanes.keySet());
        }
    }

    /** What is left to do, empty when all has drained. */
    List<String> undone() {
        List<String> left = new ArrayList<>();
        outbox.forEach(event -> left.add("no position: " + event.event()));
        for (Book book : books.values()) {
            for (Slot slot : book.slots) {
                for (Entry entry : slot.entries) {
                    if (!entry.isDone()) {
                        left.add(book.definition.name() + " " + entry
                                + (entry.record == null ? "" : " " + shortly(records.get(entry.record))));
                    }
                }
            }
        }
        return left;
    }

    /** Where the cursors are. */
    List<String> cursors() {
        List<String> lines = new ArrayList<>();
        books.forEach((name, book) -> {
            for (int i = 0; i < book.slots.length; i++) {
                lines.add(name + "/" + i + " at " + book.slots[i].position + " of " + inbox.size() + ", fence "
                        + book.slots[i].fence + (book.slots[i].revoked ? ", raised since" : ""));
            }
        });
        return lines;
    }

    boolean hasDrained() {
        if (!outbox.isEmpty()) {
            return false;
        }
        for (Book book : books.values()) {
            for (Slot slot : book.slots) {
                if (slot.position != inbox.size()) {
                    return false;
                }
            }
            if (!book.lanes.isEmpty() || !book.paused.isEmpty()) {
                return false;
            }
        }
        for (FailedExecution record : records.values()) {
            if (!record.status().isDone()) {
                return false;
            }
        }
        return true;
    }

    private static String shortly(FailedExecution record) {
        return record == null
                ? "no record"
                : record.status() + " " + record.reason() + " " + record.recoverability() + " " + record.retry();
    }

    /** Open records, the oldest first. */
    List<FailedExecution> openRecords() {
        return records.values().stream().filter(r -> !r.status().isDone()).toList();
    }

    int effectCount() {
        return effects.size();
    }

    int recordCount() {
        return entryOf.size();
    }

    long inboxSize() {
        return inbox.size();
    }

    Book book(String processor) {
        return Objects.requireNonNull(books.get(processor), processor);
    }

    private Slot slot(SlotId id) {
        return book(id.processor()).slots[id.number()];
    }

    private Entry entry(Book book, EventEnvelope event) {
        return entry(book, identity(event));
    }

    private Entry entry(Book book, String identity) {
        Entry entry = book.byEvent.get(identity);
        check(entry != null, () -> "an event that has no position: " + identity);
        return entry;
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            world.violated(what);
        }
    }

    private void check(boolean holds, Supplier<String> what) {
        if (!holds) {
            world.violated(what.get());
        }
    }
}

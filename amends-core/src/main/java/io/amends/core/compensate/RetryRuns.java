package io.amends.core.compensate;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.Status;
import io.amends.core.handle.ApartRun;
import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.LocalProcessor;
import io.amends.core.handle.SharedRun;
import io.amends.core.handle.SlotRunner;
import io.amends.core.own.OwnedSlots;
import io.amends.core.store.SlotId;
import io.amends.core.store.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs attempts that were prepared: each in its lane's turn, or several in one transaction where the processor lets events
 * share one ({@code batch}) and there are more of them than places.
 *
 * <p>How many share one follows what becomes of them: half as many after a transaction that was rolled back, whose attempts
 * are then run one by one; twice as many once four times as many attempts have ended well in a row.
 */
final class RetryRuns {
    private final HandlerEnvironment env;
    private final LocalProcessor processor;
    private final OwnedSlots slots;
    private final LaneTurns turns;
    private final SlotRunner.Neighbours neighbours;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Runnable wake;
    private int most;
    private int endedWell;

    RetryRuns(
            HandlerEnvironment env,
            LocalProcessor processor,
            OwnedSlots slots,
            LaneTurns turns,
            SlotRunner.Neighbours neighbours) {
        this.env = env;
        this.processor = processor;
        this.slots = slots;
        this.turns = turns;
        this.neighbours = neighbours;
        this.most = processor.definition().batch();
    }

    /** Says whom to tell when half of the places are free. */
    void wakeWith(Runnable newWake) {
        wake = newWake;
    }

    /**
     * Starts them.
     *
     * @param kept the lanes that are reserved for them; those of attempts that share a transaction are taken out, and released
     *     when that has ended
     */
    void start(List<FailedExecution> prepared, Set<String> kept) {
        List<SharedRun.Member> shared = new ArrayList<>();
        for (FailedExecution record : prepared) {
            SlotRunner slot = record.status() == Status.PREPARED
                    ? slots.find(new SlotId(record.processor(), record.slot()))
                    : null; // given up as lost
            if (slot == null) {
                continue; // the new owner finds it PREPARED under an old fence
            }
            processor.retryBegins();
            processor.takeInHand(record.id(), record.retry().attempt());
            SharedRun.Member member = new SharedRun.Member(record, slot);
            if (SharedRun.mayShare(processor, record)) {
                shared.add(member);
            } else {
                alone(member);
            }
        }
        startShared(shared, kept);
    }

    /** All places first; only what is left over shares. */
    private void startShared(List<SharedRun.Member> members, Set<String> kept) {
        int places = processor.definition().concurrency();
        int size = Math.min(mostShare(), (members.size() + places - 1) / places);
        if (size < 2) {
            members.forEach(this::alone);
            return;
        }
        for (int from = 0; from < members.size(); from += size) {
            List<SharedRun.Member> some = List.copyOf(members.subList(from, Math.min(from + size, members.size())));
            if (some.size() == 1) {
                alone(some.getFirst());
                continue;
            }
            some.forEach(member -> {
                member.slot().beginBeside();
                String lane = member.record().laneKey();
                if (lane != null) {
                    kept.remove(lane);
                }
            });
            env.conductor().submit("retries of " + some.size(), processor.group(), new Shared(some));
        }
    }

    private void alone(SharedRun.Member member) {
        FailedExecution record = member.record();
        turns.attempt(
                member.slot(), record.laneKey(), "retry " + record.id(), abandoned -> runAlone(member, abandoned));
    }

    private void runAlone(SharedRun.Member member, Runnable abandoned) {
        boolean well = false;
        try {
            well = new ApartRun(env, member.slot(), neighbours).run(member.record(), abandoned);
        } finally {
            countAlone(well);
            end(List.of(member));
        }
    }

    private void end(List<SharedRun.Member> members) {
        members.forEach(member ->
                processor.letGo(member.record().id(), member.record().retry().attempt()));
        boolean halfIsFree = processor.retriesEnd(members.size());
        Runnable soon = wake;
        if (soon != null && halfIsFree) {
            soon.run();
        }
    }

    // ---- how many share a transaction -----------------------------------------------------------------------------

    private int mostShare() {
        lock.lock();
        try {
            return most;
        } finally {
            lock.unlock();
        }
    }

    private void countAlone(boolean well) {
        if (well) {
            endedWell(1);
        } else {
            lock.lock();
            try {
                endedWell = 0;
            } finally {
                lock.unlock();
            }
        }
    }

    private void endedWell(int count) {
        lock.lock();
        try {
            endedWell += count;
            if (endedWell >= 4 * most) {
                endedWell = 0;
                most = Math.min(processor.definition().batch(), 2 * most);
            }
        } finally {
            lock.unlock();
        }
    }

    private void rolledBack() {
        lock.lock();
        try {
            endedWell = 0;
            most = Math.max(1, most / 2);
        } finally {
            lock.unlock();
        }
    }

    /** One transaction of several attempts, counted as beside their slots, whose lanes are reserved until it ends. */
    private final class Shared implements Runnable {
        private final List<SharedRun.Member> members;
        private final AtomicBoolean over = new AtomicBoolean();

        Shared(List<SharedRun.Member> members) {
            this.members = members;
        }

        @Override
        public void run() {
            SharedRun.Ended ended = SharedRun.Ended.ROLLED_BACK;
            try {
                ended = new SharedRun(env, processor, neighbours)
                        .run(members, hangs -> endShared(SharedRun.Ended.ROLLED_BACK, hangs));
            } catch (StoreUnavailableException e) {
                ended = SharedRun.Ended.UNKNOWN;
                members.forEach(member -> member.slot().distrust());
            } finally {
                try {
                    endShared(ended, null);
                } finally {
                    members.forEach(member -> member.slot().endBeside());
                }
            }
        }

        /** Once, by its own thread or, if that may never come back, by another one; {@code recorded} has ended by itself. */
        private void endShared(SharedRun.Ended ended, SharedRun.@Nullable Member recorded) {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            try {
                switch (ended) {
                    case WELL -> {
                        endedWell(members.size());
                        end(members);
                    }
                    case UNKNOWN -> end(members);
                    case ROLLED_BACK -> {
                        rolledBack();
                        eachAlone(recorded);
                    }
                    case NOT_BEGUN -> eachAlone(recorded);
                }
            } finally {
                for (SharedRun.Member member : members) {
                    String lane = member.record().laneKey();
                    if (lane != null) {
                        turns.release(member.slot(), lane);
                    }
                }
            }
        }

        private void eachAlone(SharedRun.@Nullable Member recorded) {
            for (SharedRun.Member member : members) {
                if (member.equals(recorded)) {
                    end(List.of(member));
                } else {
                    alone(member);
                }
            }
        }
    }
}

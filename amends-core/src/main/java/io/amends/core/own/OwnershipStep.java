package io.amends.core.own;

import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.LocalProcessor;
import io.amends.core.handle.SlotRunner;
import io.amends.core.observe.EngineListener.LeaseChange;
import io.amends.core.step.Step;
import io.amends.core.store.Claim;
import io.amends.core.store.Membership;
import io.amends.core.store.Membership.LiveNode;
import io.amends.core.store.Membership.ProcessorState;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.TakenSlot;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's lease, and its fair share of every processor's slots.
 *
 * <p>The share is {@code slots / nodes}, rounded up, over the live nodes with the processor whose functions are not a
 * strict subset of another's: while a new build rolls out, nodes of the old one keep what they have until an event needs
 * the new one, and take nothing more. Event types are read again after slots were taken: a build that registered a type
 * in between has raised the fences before the take-over, or after it, and then the take-over is void.
 */
public final class OwnershipStep implements Step {
    private static final Logger LOG = LoggerFactory.getLogger(OwnershipStep.class);

    private final HandlerEnvironment env;
    private final NodeRegistration node;
    private final List<LocalProcessor> processors;
    private final OwnedSlots slots;
    private final SlotRunner.Neighbours neighbours;
    private final Duration lease;
    private final Duration heartbeat;
    private volatile long renewedAt;
    private volatile boolean leaving;
    private volatile List<LiveNode> nodes = List.of();

    /** Creates it for a node that has joined. */
    public OwnershipStep(
            HandlerEnvironment env,
            NodeRegistration node,
            List<LocalProcessor> processors,
            OwnedSlots slots,
            SlotRunner.Neighbours neighbours,
            Lease lease) {
        this.env = env;
        this.node = node;
        this.processors = List.copyOf(processors);
        this.slots = slots;
        this.neighbours = neighbours;
        this.lease = lease.lease();
        this.heartbeat = lease.heartbeat();
        this.renewedAt = env.conductor().nanos();
    }

    /**
     * The pace of the lease.
     *
     * @param lease how long a silent node keeps its slots
     * @param heartbeat how often it is renewed
     */
    public record Lease(Duration lease, Duration heartbeat) {}

    @Override
    public Next run() {
        if (leaving) {
            return Next.ENDED;
        }
        List<Claim> believed = slots.all().stream().map(SlotRunner::claim).toList();
        Membership membership = renew();
        if (!membership.member()) {
            LOG.warn("node {}: its lease has expired and its slots are gone; joining again", node.id());
            slots.all().forEach(this::drop);
            env.store().join(node, lease);
            return Next.AGAIN;
        }
        processors.forEach(processor -> processor.suspend(false));
        reconcile(believed, membership.claims());
        for (LocalProcessor processor : processors) {
            balance(processor, membership);
        }
        return Next.after(heartbeat);
    }

    /** Holds all runs back when the lease was not renewed in time: others may own the slots by now. */
    public Next watchLease() {
        if (leaving) {
            return Next.ENDED;
        }
        boolean inDoubt = env.conductor().nanos() - renewedAt > lease.toNanos();
        if (inDoubt) {
            processors.forEach(processor -> processor.suspend(true));
        } else {
            slots.all().forEach(SlotRunner::wake);
        }
        return Next.after(lease.dividedBy(4));
    }

    /** The live nodes at the last heartbeat. */
    public List<LiveNode> nodes() {
        return nodes;
    }

    /** Whether the lease was renewed in time. */
    public boolean leaseHolds() {
        return env.conductor().nanos() - renewedAt <= lease.toNanos();
    }

    /** Begins to give everything back; takes nothing any more. */
    public void leave() {
        leaving = true;
        slots.all().forEach(SlotRunner::close);
    }

    /**
     * Compares what this node believes to own with what it owns. A slot whose fence was raised by a build that joined may
     * have nothing to write for a long time, and so would never be refused; a take-over whose reply was lost would leave
     * its slots to nobody, since their owner lives.
     */
    private void reconcile(List<Claim> believed, List<Claim> owned) {
        for (Claim claim : believed) {
            SlotRunner slot = slots.find(claim.slot());
            if (!owned.contains(claim) && slot != null && slot.claim().equals(claim)) {
                slot.distrust();
            }
        }
        for (Claim claim : owned) {
            if (slots.find(claim.slot()) == null) {
                adopt(claim);
            }
        }
    }

    private void adopt(Claim claim) {
        for (LocalProcessor processor : processors) {
            if (processor.definition().name().equals(claim.slot().processor())) {
                env.store().reclaim(node.id(), claim).ifPresent(taken -> begin(processor, taken));
            }
        }
    }

    private Membership renew() {
        long asked = env.conductor().nanos();
        Membership membership = env.store().heartbeat(node.id(), lease);
        if (membership.member()) {
            renewedAt = asked;
            nodes = membership.nodes();
            for (LocalProcessor processor : processors) {
                update(processor, membership);
            }
        }
        return membership;
    }

    private void update(LocalProcessor processor, Membership membership) {
        String name = processor.definition().name();
        ProcessorState state = membership.processors().get(name);
        if (state == null) {
            return;
        }
        Set<String> elsewhere = new TreeSet<>();
        for (LiveNode other : membership.nodes()) {
            Set<String> types = other.types().get(name);
            if (types != null && !other.id().equals(node.id())) {
                elsewhere.addAll(types);
            }
        }
        boolean wasHalted = processor.isHalted();
        processor.update(state, elsewhere, node.build());
        if (wasHalted && !processor.isHalted()) {
            slots.of(processor).forEach(SlotRunner::wake);
        }
    }

    private void balance(LocalProcessor processor, Membership membership) {
        String name = processor.definition().name();
        List<LiveNode> sharing = membership.nodes().stream()
                .filter(n -> n.types().containsKey(name) && !isOutdated(n, name, membership.nodes()))
                .toList();
        boolean shares = sharing.stream().anyMatch(n -> n.id().equals(node.id()));
        if (sharing.isEmpty() || (!shares && processor.isStuck())) {
            return;
        }
        int count = processor.definition().slots();
        int share = (count + sharing.size() - 1) / sharing.size();
        List<SlotRunner> mine = slots.of(processor);
        if (processor.isStuck()) {
            mine.forEach(SlotRunner::close);
        } else if (shares && mine.size() > share) {
            mine.subList(share, mine.size()).forEach(SlotRunner::close);
        } else if (shares && mine.size() < share) {
            take(processor, share - mine.size());
        }
    }

    private static boolean isOutdated(LiveNode candidate, String processor, List<LiveNode> nodes) {
        Set<String> types = candidate.types().getOrDefault(processor, new TreeSet<>());
        for (LiveNode other : nodes) {
            Set<String> others = other.types().get(processor);
            if (others != null && others.size() > types.size() && others.containsAll(types)) {
                return true;
            }
        }
        return false;
    }

    private void take(LocalProcessor processor, int most) {
        List<TakenSlot> taken =
                env.store().takeOver(node.id(), processor.definition().name(), processor.typesToCareFor(), most);
        if (taken.isEmpty()) {
            return;
        }
        if (!renew().member()) {
            return; // what was registered meanwhile is not known here: it joins again first
        }
        LOG.info("processor {}: took {} slots", processor.definition().name(), taken.size());
        taken.forEach(slot -> begin(processor, slot));
    }

    private void begin(LocalProcessor processor, TakenSlot slot) {
        SlotRunner runner = new SlotRunner(env, processor, slot, neighbours);
        slots.add(runner);
        env.listener().leaseChanged(processor.definition().name(), LeaseChange.TAKEN);
        runner.start();
    }

    private void drop(SlotRunner slot) {
        slot.abandon();
        slots.forget(slot);
        env.listener().leaseChanged(slot.processor().definition().name(), LeaseChange.LOST);
    }
}

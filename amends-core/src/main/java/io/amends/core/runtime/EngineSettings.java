package io.amends.core.runtime;

import io.amends.core.event.EventLimits;
import io.amends.core.operate.OperatorRetention;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The engine's settings; {@link #defaults} holds without configuration.
 *
 * @param source the CloudEvents source of published events, a URI reference
 * @param nodeName where this process runs, for people; made unique for each start
 * @param build the build's version, for people
 * @param limits limits of events
 * @param lease how long a silent node keeps its slots, 2 s to 5 min, default 10 s
 * @param heartbeat how often it says it is alive, at most a third of the lease, default 2 s
 * @param patience how long a slot waits for one run before the run steps aside, default 2 s
 * @param immediateBackoffs waits before immediate re-runs, default 50 ms and 250 ms
 * @param relayBatch events per relay transaction, default 500
 * @param readBatch events per read, default 1,000
 * @param slotQueue events that one slot holds in memory, default 200
 * @param idlePoll the longest time between two looks when nothing signals, default 1 s
 * @param keepPassed how long the log keeps events that every processor has passed, default 1 day
 * @param keepDone how long records that are done are kept, default 30 days
 * @param keepTombstones how long the versions of deleted entities are kept, default 90 days
 * @param operatorRetention how long is kept what operators leave
 * @param stuckThreads runs that ignore their interrupt before their processor stops on this node, default 3
 * @param shutdownPatience how long {@code close} lets runs finish, default 20 s
 * @param compensationEnabled whether due records are retried; failures are recorded and followers parked all the same
 * @param handlingEnabled whether this node handles events at all; false for one that only publishes
 */
public record EngineSettings(
        String source,
        String nodeName,
        String build,
        EventLimits limits,
        Duration lease,
        Duration heartbeat,
        Duration patience,
        List<Duration> immediateBackoffs,
        int relayBatch,
        int readBatch,
        int slotQueue,
        Duration idlePoll,
        Duration keepPassed,
        Duration keepDone,
        Duration keepTombstones,
        OperatorRetention operatorRetention,
        int stuckThreads,
        Duration shutdownPatience,
        boolean compensationEnabled,
        boolean handlingEnabled) {

    /** The settings that hold without configuration, for this source. */
    public static EngineSettings defaults(String source) {
        return new EngineSettings(
                source,
                "node",
                "unknown",
                EventLimits.DEFAULT,
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                List.of(Duration.ofMillis(50), Duration.ofMillis(250)),
                500,
                1000,
                200,
                Duration.ofSeconds(1),
                Duration.ofDays(1),
                Duration.ofDays(30),
                Duration.ofDays(90),
                OperatorRetention.DEFAULT,
                3,
                Duration.ofSeconds(20),
                true,
                true);
    }

    /** These settings with some of them changed, for instance {@code with(it -> it.lease(Duration.ofSeconds(5)))}. */
    public EngineSettings with(Consumer<Changes> changes) {
        Changes made = new Changes(this);
        changes.accept(made);
        return made.settings();
    }

    /** Settings that are being changed; what is not named stays as it was. Not for more than one thread. */
    public static final class Changes {
        private String source;
        private String nodeName;
        private String build;
        private EventLimits limits;
        private Duration lease;
        private Duration heartbeat;
        private Duration patience;
        private List<Duration> immediateBackoffs;
        private int relayBatch;
        private int readBatch;
        private int slotQueue;
        private Duration idlePoll;
        private Duration keepPassed;
        private Duration keepDone;
        private Duration keepTombstones;
        private OperatorRetention operatorRetention;
        private int stuckThreads;
        private Duration shutdownPatience;
        private boolean compensationEnabled;
        private boolean handlingEnabled;

        private Changes(EngineSettings now) {
            source = now.source;
            nodeName = now.nodeName;
            build = now.build;
            limits = now.limits;
            lease = now.lease;
            heartbeat = now.heartbeat;
            patience = now.patience;
            immediateBackoffs = now.immediateBackoffs;
            relayBatch = now.relayBatch;
            readBatch = now.readBatch;
            slotQueue = now.slotQueue;
            idlePoll = now.idlePoll;
            keepPassed = now.keepPassed;
            keepDone = now.keepDone;
            keepTombstones = now.keepTombstones;
            operatorRetention = now.operatorRetention;
            stuckThreads = now.stuckThreads;
            shutdownPatience = now.shutdownPatience;
            compensationEnabled = now.compensationEnabled;
            handlingEnabled = now.handlingEnabled;
        }

        /** Sets {@link EngineSettings#source}. */
        public Changes source(String value) {
            source = value;
            return this;
        }

        /** Sets {@link EngineSettings#nodeName}. */
        public Changes nodeName(String value) {
            nodeName = value;
            return this;
        }

        /** Sets {@link EngineSettings#build}. */
        public Changes build(String value) {
            build = value;
            return this;
        }

        /** Sets {@link EngineSettings#limits}. */
        public Changes limits(EventLimits value) {
            limits = value;
            return this;
        }

        /** Sets {@link EngineSettings#lease}. */
        public Changes lease(Duration value) {
            lease = value;
            return this;
        }

        /** Sets {@link EngineSettings#heartbeat}. */
        public Changes heartbeat(Duration value) {
            heartbeat = value;
            return this;
        }

        /** Sets {@link EngineSettings#patience}. */
        public Changes patience(Duration value) {
            patience = value;
            return this;
        }

        /** Sets {@link EngineSettings#immediateBackoffs}. */
        public Changes immediateBackoffs(List<Duration> value) {
            immediateBackoffs = value;
            return this;
        }

        /** Sets {@link EngineSettings#relayBatch}. */
        public Changes relayBatch(int value) {
            relayBatch = value;
            return this;
        }

        /** Sets {@link EngineSettings#readBatch}. */
        public Changes readBatch(int value) {
            readBatch = value;
            return this;
        }

        /** Sets {@link EngineSettings#slotQueue}. */
        public Changes slotQueue(int value) {
            slotQueue = value;
            return this;
        }

        /** Sets {@link EngineSettings#idlePoll}. */
        public Changes idlePoll(Duration value) {
            idlePoll = value;
            return this;
        }

        /** Sets {@link EngineSettings#keepPassed}. */
        public Changes keepPassed(Duration value) {
            keepPassed = value;
            return this;
        }

        /** Sets {@link EngineSettings#keepDone}. */
        public Changes keepDone(Duration value) {
            keepDone = value;
            return this;
        }

        /** Sets {@link EngineSettings#keepTombstones}. */
        public Changes keepTombstones(Duration value) {
            keepTombstones = value;
            return this;
        }

        /** Sets {@link EngineSettings#operatorRetention}. */
        public Changes operatorRetention(OperatorRetention value) {
            operatorRetention = value;
            return this;
        }

        /** Sets {@link EngineSettings#stuckThreads}. */
        public Changes stuckThreads(int value) {
            stuckThreads = value;
            return this;
        }

        /** Sets {@link EngineSettings#shutdownPatience}. */
        public Changes shutdownPatience(Duration value) {
            shutdownPatience = value;
            return this;
        }

        /** Sets {@link EngineSettings#compensationEnabled}. */
        public Changes compensationEnabled(boolean value) {
            compensationEnabled = value;
            return this;
        }

        /** Sets {@link EngineSettings#handlingEnabled}. */
        public Changes handlingEnabled(boolean value) {
            handlingEnabled = value;
            return this;
        }

        private EngineSettings settings() {
            return new EngineSettings(
                    source,
                    nodeName,
                    build,
                    limits,
                    lease,
                    heartbeat,
                    patience,
                    immediateBackoffs,
                    relayBatch,
                    readBatch,
                    slotQueue,
                    idlePoll,
                    keepPassed,
                    keepDone,
                    keepTombstones,
                    operatorRetention,
                    stuckThreads,
                    shutdownPatience,
                    compensationEnabled,
                    handlingEnabled);
        }
    }
}

package io.amends.examples.loyalty.fault;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import java.io.Serial;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** The faults that are set, one for each event type; kept in the memory of this process. Thread-safe. */
@Component
public class Faults {
    private static final int SLOW_SECONDS = 5;
    private final ConcurrentSkipListMap<String, Fault> byType = new ConcurrentSkipListMap<>();

    /** A failure that a retry may cure. */
    public static class FaultException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        FaultException(String message) {
            super(message);
        }
    }

    /** A failure that no retry cures. */
    public static class HopelessFaultException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        HopelessFaultException(String message) {
            super(message);
        }
    }

    /** Sets a fault, in place of an earlier one for the same type. */
    void set(Fault fault) {
        if (fault.mode() == Fault.Mode.NONE) {
            byType.remove(fault.eventType());
        } else {
            byType.put(fault.eventType(), fault);
        }
    }

    /** The faults that are set. */
    List<Fault> all() {
        return List.copyOf(byType.values());
    }

    /** Misbehaves if a fault is set for this attempt of this event; handlers call it first. */
    public void strike(EventEnvelope event, String userId, Attempt attempt) {
        Fault fault = byType.get(event.type());
        if (fault == null || !fault.strikes(userId, event.id(), attempt.number())) {
            return;
        }
        String order = "PUT /faults/" + event.type() + " said so";
        switch (fault.mode()) {
            case NONE -> {}
            case FAIL -> throw new FaultException("failed because " + order);
            case FAIL_UNRECOVERABLE -> throw new HopelessFaultException("failed for good because " + order);
            case HANG -> rest(Long.MAX_VALUE, order);
            case SLOW -> rest(TimeUnit.SECONDS.toNanos(SLOW_SECONDS), order);
        }
    }

    private static void rest(long nanos, String order) {
        try {
            if (new CountDownLatch(1).await(nanos, TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException("a latch that nobody opens was opened");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FaultException("interrupted while it did nothing because " + order);
        }
    }
}

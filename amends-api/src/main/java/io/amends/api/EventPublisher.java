package io.amends.api;

/**
 * Publishes events as part of the caller's transaction.
 *
 * <p>The events are written by one INSERT as the last write before COMMIT: they exist if and only if the transaction
 * commits, in the order of the calls. Events that a handler publishes carry the handled event's id as
 * {@code causationid} and its {@code correlationid}. Thread-safe; the transaction is that of the calling thread.
 */
public interface EventPublisher {

    /**
     * Publishes an event in the caller's transaction; its type, key, version, epoch and subject come from its class
     * ({@link EventType}, {@link EventKey}, {@link EventAttributes} …).
     *
     * @throws NoTransactionException if the thread has no transaction; nothing is published
     * @throws InvalidEventException if the event can not be encoded or breaks a limit; nothing is published, and the
     *     caller's transaction is still usable
     */
    void publish(Object event);

    /**
     * Publishes an event whose attributes the caller states.
     *
     * @throws NoTransactionException if the thread has no transaction; nothing is published
     * @throws InvalidEventException if the event breaks a limit; nothing is published
     */
    void publish(OutgoingEvent event);

    /**
     * Publishes in the caller's transaction, or in one of its own where there is none: for events that report what no
     * database change belongs to.
     *
     * @throws InvalidEventException if the event breaks a limit; nothing is published
     */
    void publishNow(Object event);
}

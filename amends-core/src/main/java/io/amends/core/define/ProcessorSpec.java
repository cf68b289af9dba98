package io.amends.core.define;

import io.amends.api.EntitySynchronizer;
import io.amends.api.EventProcessor;
import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.StartFrom;
import java.util.ArrayList;
import java.util.List;

/**
 * A processor before its defaults are resolved: the programmatic equivalent of a class with {@link EventProcessor}.
 *
 * <pre>{@code
 * ProcessorSpec.named("points")
 *         .key("userId")
 *         .on(OrderPaid.class, (paid, delivery) -> points.credit(paid))
 *         .onPublishing(OrderCancelled.class, (cancelled, delivery) -> new PointsRevoked(cancelled.userId()))
 * }</pre>
 *
 * <p>Not thread-safe; {@link ProcessorBinder} checks it and makes the definition.
 */
public final class ProcessorSpec {
    private final String name;
    private final String where;
    private List<String> key = List.of();
    private Order order = Order.KEY;
    private OnFailure onFailure = OnFailure.DEFAULT;
    private int concurrency = 16;
    private int batch = 1;
    private int slots;
    private StartFrom startFrom = StartFrom.NOW;
    private List<String> formerly = List.of();
    private List<String> drops = List.of();
    private RetrySpec retry = RetrySpec.UNSET;
    private final List<FunctionSpec> functions = new ArrayList<>();

    private ProcessorSpec(String name, String where) {
        this.name = name;
        this.where = where;
    }

    /** A processor of this stable name: letters, digits, {@code . _ -}, at most 100 characters. */
    public static ProcessorSpec named(String name) {
        return new ProcessorSpec(name, "processor " + name);
    }

    /** What the annotation of a class says, without its functions. */
    static ProcessorSpec of(EventProcessor annotation, Class<?> annotated) {
        return new ProcessorSpec(annotation.name(), "processor " + annotation.name() + " (" + annotated.getName() + ")")
                .key(annotation.key())
                .order(annotation.order())
                .onFailure(annotation.onFailure())
                .concurrency(annotation.concurrency())
                .batch(annotation.batch())
                .slots(annotation.slots())
                .startFrom(annotation.startFrom())
                .formerly(annotation.formerly())
                .drops(annotation.drops());
    }

    /** Sets the payload paths that make the key; default none: the event's own key. */
    public ProcessorSpec key(String... paths) {
        key = List.of(paths);
        return this;
    }

    /** Sets what is kept in order; default {@link Order#KEY}. */
    public ProcessorSpec order(Order value) {
        order = value;
        return this;
    }

    /** Sets what happens to later events when one fails; the default follows from the order. */
    public ProcessorSpec onFailure(OnFailure value) {
        onFailure = value;
        return this;
    }

    /** Sets how many events one node handles at the same time, 1 to 1,000; default 16. */
    public ProcessorSpec concurrency(int value) {
        concurrency = value;
        return this;
    }

    /** Sets how many events of a slot, or retries, may share one transaction when there is a backlog, 1 to 1,000; default 1. */
    public ProcessorSpec batch(int value) {
        batch = value;
        return this;
    }

    /** Sets the number of slots, 1 to 1,024; 0 (the default): 128, or 1 for {@link Order#ALL}. */
    public ProcessorSpec slots(int value) {
        slots = value;
        return this;
    }

    /** Sets where the processor starts if the database does not know it; default {@link StartFrom#NOW}. */
    public ProcessorSpec startFrom(StartFrom value) {
        startFrom = value;
        return this;
    }

    /** Sets the names that the processor had before. */
    public ProcessorSpec formerly(String... names) {
        formerly = List.of(names);
        return this;
    }

    /** Sets the event types that the processor once registered and no longer handles. */
    public ProcessorSpec drops(String... types) {
        drops = List.of(types);
        return this;
    }

    /** Sets how failures are retried, for functions that do not say otherwise. */
    public ProcessorSpec retry(RetrySpec value) {
        retry = value;
        return this;
    }

    /** Adds a function for the event that the class stands for. */
    public <E> ProcessorSpec on(Class<E> payload, FunctionSpec.Handler<? super E> handler) {
        return function(FunctionSpec.of(payload, handler));
    }

    /** Adds a function whose result is published in its transaction. */
    public <E> ProcessorSpec onPublishing(Class<E> payload, FunctionSpec.PublishingHandler<? super E> handler) {
        return function(FunctionSpec.publishing(payload, handler));
    }

    /** Adds a batch function: up to {@link #batch} events of one slot at once, in order. */
    public <E> ProcessorSpec onBatch(Class<E> payload, FunctionSpec.Handler<? super List<E>> handler) {
        return function(FunctionSpec.batch(payload, handler));
    }

    /**
     * Adds the functions that keep a synchronizer's local entities.
     *
     * @param snapshot the payload of the entity's events
     * @throws IllegalArgumentException if its class has no {@link io.amends.api.EntityEvents}
     */
    public <S> ProcessorSpec synchronizing(Class<S> snapshot, EntitySynchronizer<S, ?> synchronizer) {
        List<String> mistakes = new ArrayList<>();
        functions.addAll(
                SynchronizerFunctions.of(() -> synchronizer, synchronizer.getClass(), snapshot, name, mistakes));
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(where + ": " + String.join("; ", mistakes));
        }
        return this;
    }

    /** Adds a function. */
    public ProcessorSpec function(FunctionSpec function) {
        functions.add(function);
        return this;
    }

    String name() {
        return name;
    }

    /** Names it in a mistake. */
    String where() {
        return where;
    }

    List<String> key() {
        return key;
    }

    Order order() {
        return order;
    }

    OnFailure onFailure() {
        return onFailure;
    }

    int concurrency() {
        return concurrency;
    }

    int batch() {
        return batch;
    }

    int slots() {
        return slots;
    }

    StartFrom startFrom() {
        return startFrom;
    }

    List<String> formerly() {
        return formerly;
    }

    List<String> drops() {
        return drops;
    }

    RetrySpec retry() {
        return retry;
    }

    List<FunctionSpec> functions() {
        return functions;
    }
}

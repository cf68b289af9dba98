package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares a class whose {@link OnEvent} methods share one order and one failure policy.
 *
 * <p>Per key, events are handled in the order in which they were committed, each in a database transaction of its own
 * that also records "this event is done": effects in the same database happen once. Methods run on virtual threads, at
 * most {@link #concurrency()} at a time per node; two events of one key never run at the same time, also when one of them
 * is retried or has waited. (While a node dies or hangs its successor may begin: then only one of both can commit. With
 * {@link OnFailure#CONTINUE} a retry runs beside later events, which is what it asks for.)
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface EventProcessor {

    /** The stable name of the processor: letters, digits, {@code . _ -}, at most 100 characters. Positions are kept by it. */
    String name();

    /**
     * Paths into the JSON payload whose values together are the ordering key, for instance {@code "userId"} or
     * {@code "buyer.id"}. Empty (the default): the event's own key. A path that a payload lacks makes a failed execution.
     */
    String[] key() default {};

    /** What is kept in order; default {@link Order#KEY}. */
    Order order() default Order.KEY;

    /** What happens to later events when one fails; the default follows from {@link #order()}. */
    OnFailure onFailure() default OnFailure.DEFAULT;

    /** How many events of this processor one node handles at the same time, 1 to 1,000; default 16. */
    int concurrency() default 16;

    /**
     * How many consecutive events of a slot may share one transaction when there is a backlog, 1 to 1,000; default 1.
     * When one of them fails, all are rolled back and handled one by one. The same holds for attempts of failed executions whose
     * handlers threw, where more are due than {@link #concurrency()}: of different keys, and each with its own outcome.
     */
    int batch() default 1;

    /** Into how many shares the keys are divided, 1 to 1,024, fixed once registered; 0 (the default): 128, or 1 for {@link Order#ALL}. */
    int slots() default 0;

    /** Where a processor that the database does not know yet starts; default {@link StartFrom#NOW}. */
    StartFrom startFrom() default StartFrom.NOW;

    /** Names that this processor had before; positions, records and lanes move to {@link #name()}. */
    String[] formerly() default {};

    /** Event types that this processor once registered and no longer handles; they pass from now on. */
    String[] drops() default {};
}

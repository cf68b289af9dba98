package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares a handler method of an {@link EventProcessor}.
 *
 * <p>Its first parameter is the payload: a class (its {@link EventType} names the event type), a {@code List} of it for
 * a batch function, or anything the codec can read when {@link #value()} names the types. Further parameters may be, in
 * any order, {@link EventEnvelope}, {@link Headers} and {@link Attempt}; the payload may be left out when types are named.
 *
 * <p>It runs inside a READ COMMITTED transaction that the engine opens, and must neither commit nor roll it back nor
 * start one of its own (see {@link #effects()}). What it returns (an event, an {@code Iterable}, {@code Stream}, array or
 * {@code Optional} of events, or null) is published in that transaction. Whatever it throws rolls everything back and is
 * recorded as a failed execution after the immediate retries.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface OnEvent {

    /** Event types; empty (the default): the type of the first parameter's class. */
    String[] value() default {};

    /** The stable name of the function within its processor; default: the method's name and its payload's simple name. */
    String name() default "";

    /** Where the method's effects go; default {@link Effects#DATABASE}. */
    Effects effects() default Effects.DATABASE;

    /**
     * Paths into the payload whose values, together, identify an event, so that functions may wait for it by {@link
     * Wait#handled}. {@link RunAfter} needs none. Empty (the default): nobody waits for it that way.
     */
    String[] tracks() default {};
}

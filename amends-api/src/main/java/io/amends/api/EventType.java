package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the type of the event a class stands for, for instance {@code "loyalty.order.paid"}; without it the type is the
 * class's fully qualified name.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface EventType {

    /** The CloudEvents {@code type}: 1 to 255 characters, no control characters. */
    String value();

    /** Types that the class had before; functions for this class also receive these. */
    String[] formerly() default {};
}

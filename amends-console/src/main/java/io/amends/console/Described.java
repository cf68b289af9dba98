package io.amends.console;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the API's description says of a member. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
@interface Described {
    /** Of every reason. */
    String WHY = "Why, for history and audit; at most 1,000 characters.";

    /** In words. */
    String value();

    /** The values it can have; any by default. */
    String[] oneOf() default {};

    /** Whose names in lower case, with hyphens, are the values (of a map: the keys) it can have; any by default. */
    @SuppressWarnings("rawtypes")
    Class<? extends Enum> codesOf() default Enum.class;
}

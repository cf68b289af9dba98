package io.amends.core.define;

import java.lang.reflect.Type;

/**
 * Tells at start-up what the JSON of a payload class has at a path, so that a mistyped key path is found there. A codec
 * that knows more than the class's members (renamed properties, own serializers) implements this as well.
 */
@FunctionalInterface
public interface PayloadShape {
    /** What is at the dotted path. */
    Place at(Type payload, String path);

    /** What the JSON of a payload has at a path. */
    enum Place {
        /** A string, number or boolean. */
        VALUE,
        /** An object or an array: no key. */
        STRUCTURE,
        /** Nothing, whatever the instance. */
        ABSENT,
        /** It can not be told before there is an event. */
        UNKNOWN
    }
}

/** An application that follows the entities of another one, which is itself here. */
@org.jspecify.annotations.NullMarked
package io.amends.spring.streams;

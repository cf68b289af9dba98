/** An application whose events wait for one another. */
@org.jspecify.annotations.NullMarked
package io.amends.spring.waits;

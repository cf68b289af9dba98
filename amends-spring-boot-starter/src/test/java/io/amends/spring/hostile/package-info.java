/** An application whose events and errors mean harm. */
@org.jspecify.annotations.NullMarked
package io.amends.spring.hostile;

@org.jspecify.annotations.NullMarked
package io.amends.examples.loyalty.points;

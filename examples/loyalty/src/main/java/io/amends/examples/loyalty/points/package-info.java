/** The side that reacts: users and orders as it knows them, and their points. */
@NullMarked
package io.amends.examples.loyalty.points;

import org.jspecify.annotations.NullMarked;

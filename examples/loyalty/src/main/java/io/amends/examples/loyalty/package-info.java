/** A shop whose orders earn points. */
@NullMarked
package io.amends.examples.loyalty;

import org.jspecify.annotations.NullMarked;

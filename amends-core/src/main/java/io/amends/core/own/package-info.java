/** Ownership: which node handles which slot, by lease and fence. */
@NullMarked
package io.amends.core.own;

import org.jspecify.annotations.NullMarked;

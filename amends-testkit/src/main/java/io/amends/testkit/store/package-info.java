/** The contract suite that defines a store. */
@NullMarked
package io.amends.testkit.store;

import org.jspecify.annotations.NullMarked;

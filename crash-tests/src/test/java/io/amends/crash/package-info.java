/** Processes that are killed while they work. */
@NullMarked
package io.amends.crash;

import org.jspecify.annotations.NullMarked;

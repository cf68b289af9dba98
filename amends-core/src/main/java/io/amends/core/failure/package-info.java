/** The failed execution: what is kept of a failure, its states, and every transition between them. */
@NullMarked
package io.amends.core.failure;

import org.jspecify.annotations.NullMarked;

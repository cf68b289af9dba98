/** Compensation: due records are prepared and run again, and lanes are drained in order. */
@NullMarked
package io.amends.core.compensate;

import org.jspecify.annotations.NullMarked;

/** Processors and functions as data: built from annotations or by hand, checked as a whole at start-up. */
@NullMarked
package io.amends.core.define;

import org.jspecify.annotations.NullMarked;

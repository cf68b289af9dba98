/** Threads, the system clock and the assembled engine; the only package that owns any of them. */
@NullMarked
package io.amends.core.runtime;

import org.jspecify.annotations.NullMarked;

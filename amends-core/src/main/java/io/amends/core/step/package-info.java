/** How long-running parts are driven: bounded steps, and the one interface to threads, timers, clock, ids and chance. */
@NullMarked
package io.amends.core.step;

import org.jspecify.annotations.NullMarked;

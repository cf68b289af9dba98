/** The engine in one thread under virtual time, with crashes, pauses, duplicates and lost replies from a seed. */
@NullMarked
package io.amends.simulation;

import org.jspecify.annotations.NullMarked;

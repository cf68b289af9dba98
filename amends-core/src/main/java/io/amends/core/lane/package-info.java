/** The decision what happens to an event: handle, park, pass or fail; pure functions. */
@NullMarked
package io.amends.core.lane;

import org.jspecify.annotations.NullMarked;

/** What was done of an entity, and what an event means for it: streams, versions, stale events; pure functions. */
@NullMarked
package io.amends.core.causality;

import org.jspecify.annotations.NullMarked;

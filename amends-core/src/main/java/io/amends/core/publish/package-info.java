/** The first stage: an event becomes an outbox row of the caller's transaction. */
@NullMarked
package io.amends.core.publish;

import org.jspecify.annotations.NullMarked;

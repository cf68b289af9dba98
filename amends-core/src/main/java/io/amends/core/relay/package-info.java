/** The second stage: outbox rows get their position and become the inbox. */
@NullMarked
package io.amends.core.relay;

import org.jspecify.annotations.NullMarked;

/** Publishing that entities have changed: collected in a transaction, one event for each entity. */
@NullMarked
package io.amends.spring.change;

import org.jspecify.annotations.NullMarked;

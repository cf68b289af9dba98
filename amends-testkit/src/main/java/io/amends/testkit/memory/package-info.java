/** A store and a tiny transactional database in memory, with the semantics of the real ones. */
@NullMarked
package io.amends.testkit.memory;

import org.jspecify.annotations.NullMarked;

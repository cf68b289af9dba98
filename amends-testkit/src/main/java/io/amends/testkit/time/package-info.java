/** Time that moves only when a test says so. */
@NullMarked
package io.amends.testkit.time;

import org.jspecify.annotations.NullMarked;

/** What the engine tells metrics and logs. */
@NullMarked
package io.amends.core.observe;

import org.jspecify.annotations.NullMarked;

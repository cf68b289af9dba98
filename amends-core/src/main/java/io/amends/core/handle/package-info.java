/** The handler transaction: the function runs, and its effects commit with the cursor. */
@NullMarked
package io.amends.core.handle;

import org.jspecify.annotations.NullMarked;

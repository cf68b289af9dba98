/** The code of the documentation, compiled; and the parts of the documentation that come from code. */
@NullMarked
package io.amends.examples.docs;

import org.jspecify.annotations.NullMarked;

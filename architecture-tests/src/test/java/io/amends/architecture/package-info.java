/** The rules that hold over all published modules. */
@NullMarked
package io.amends.architecture;

import org.jspecify.annotations.NullMarked;

/** Finds processors among the beans, and checks what Spring adds to them. */
@NullMarked
package io.amends.spring.define;

import org.jspecify.annotations.NullMarked;

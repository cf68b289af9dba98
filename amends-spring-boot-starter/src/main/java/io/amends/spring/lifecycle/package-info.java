/** Starts and stops the engine with the application. */
@NullMarked
package io.amends.spring.lifecycle;

import org.jspecify.annotations.NullMarked;

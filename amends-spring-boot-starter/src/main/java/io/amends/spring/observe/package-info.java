/** What Micrometer, tracing and health show of the engine. */
@NullMarked
package io.amends.spring.observe;

import org.jspecify.annotations.NullMarked;

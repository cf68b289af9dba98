/** Payloads as JSON, with Jackson 3. */
@NullMarked
package io.amends.jackson;

import org.jspecify.annotations.NullMarked;

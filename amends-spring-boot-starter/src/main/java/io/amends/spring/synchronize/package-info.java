/** Keeping local entities up to date through Spring Data. */
@NullMarked
package io.amends.spring.synchronize;

import org.jspecify.annotations.NullMarked;

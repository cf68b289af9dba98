/** Traffic to look at. */
@NullMarked
package io.amends.examples.loyalty.demo;

import org.jspecify.annotations.NullMarked;

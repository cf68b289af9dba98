/** The business side: users and orders, and an event for each change, in the same transaction. */
@NullMarked
package io.amends.examples.loyalty.shop;

import org.jspecify.annotations.NullMarked;

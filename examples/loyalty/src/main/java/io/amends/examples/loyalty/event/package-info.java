/** What the shop tells others; the payloads are the contract. */
@NullMarked
package io.amends.examples.loyalty.event;

import org.jspecify.annotations.NullMarked;

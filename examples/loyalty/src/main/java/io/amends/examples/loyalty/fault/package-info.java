/** Makes handlers misbehave on request, to watch what becomes of their events. */
@NullMarked
package io.amends.examples.loyalty.fault;

import org.jspecify.annotations.NullMarked;

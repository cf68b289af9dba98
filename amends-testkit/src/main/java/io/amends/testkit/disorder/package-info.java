/** Finds order bugs at the desk: a processor is run through disordered, duplicated and crashed deliveries. */
@NullMarked
package io.amends.testkit.disorder;

import org.jspecify.annotations.NullMarked;

/** The store SPI: the verbs a database implements; one contract suite in the test kit defines them. */
@NullMarked
package io.amends.core.store;

import org.jspecify.annotations.NullMarked;

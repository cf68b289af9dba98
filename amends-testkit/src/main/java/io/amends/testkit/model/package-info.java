/** Compares stores on random sequences of verbs. */
@NullMarked
package io.amends.testkit.model;

import org.jspecify.annotations.NullMarked;

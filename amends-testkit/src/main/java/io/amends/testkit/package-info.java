/** What proves that a store or a handler keeps its contract: in-memory store, virtual time, contract suites. */
@NullMarked
package io.amends.testkit;

import org.jspecify.annotations.NullMarked;

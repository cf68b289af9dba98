/** Load and latency measurements on a real PostgreSQL. */
@NullMarked
package io.amends.benchmarks;

import org.jspecify.annotations.NullMarked;

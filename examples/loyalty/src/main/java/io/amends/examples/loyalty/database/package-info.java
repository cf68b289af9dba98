/** The database of the demo: a real PostgreSQL that the application starts, joins and stops. */
@NullMarked
package io.amends.examples.loyalty.database;

import org.jspecify.annotations.NullMarked;

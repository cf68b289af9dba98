/** The store on PostgreSQL: one class per stage of an event's way, and the schema it needs. */
@NullMarked
package io.amends.jdbc;

import org.jspecify.annotations.NullMarked;

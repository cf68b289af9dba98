/** Publishing and handling in Spring's transactions, with JDBC or JPA. */
@NullMarked
package io.amends.spring.transaction;

import org.jspecify.annotations.NullMarked;

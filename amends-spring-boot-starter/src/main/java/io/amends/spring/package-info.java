/** Amends in a Spring Boot application: processors are beans, publishing joins the transaction. */
@NullMarked
package io.amends.spring;

import org.jspecify.annotations.NullMarked;

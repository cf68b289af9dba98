/** The operator API in Spring MVC. */
@NullMarked
package io.amends.console.web;

import org.jspecify.annotations.NullMarked;

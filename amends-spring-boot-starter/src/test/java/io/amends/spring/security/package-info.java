/** An application with Spring Security around the console. */
@org.jspecify.annotations.NullMarked
package io.amends.spring.security;

/** A small application with JPA, a web page and a database, to test the starter as it is used. */
@org.jspecify.annotations.NullMarked
package io.amends.spring.shop;

@org.jspecify.annotations.NullMarked
package io.amends.examples.client;

@org.jspecify.annotations.NullMarked
package io.amends.spring.change;

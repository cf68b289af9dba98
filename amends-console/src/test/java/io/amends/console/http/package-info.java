@org.jspecify.annotations.NullMarked
package io.amends.console.http;

/** The console on the JDK's own HTTP server. */
@NullMarked
package io.amends.console.http;

import org.jspecify.annotations.NullMarked;

/** What an operator sees and commands: the HTTP API, the live stream and the page. */
@NullMarked
package io.amends.console;

import org.jspecify.annotations.NullMarked;

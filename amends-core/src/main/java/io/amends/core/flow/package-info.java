/** Words for how much flows through a service, how fast, and how old what waits is. */
@NullMarked
package io.amends.core.flow;

import org.jspecify.annotations.NullMarked;

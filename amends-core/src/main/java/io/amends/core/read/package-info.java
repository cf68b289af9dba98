/** The third stage: the inbox is read once per node and fanned out to slots. */
@NullMarked
package io.amends.core.read;

import org.jspecify.annotations.NullMarked;

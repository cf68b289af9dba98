/** What a person or a program can do about failed executions and processors. */
@NullMarked
package io.amends.core.operate;

import org.jspecify.annotations.NullMarked;

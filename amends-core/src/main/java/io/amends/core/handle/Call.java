package io.amends.core.handle;

import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import java.util.List;

/**
 * A function and the events it is called with: one, or several for a batch function.
 *
 * @param function the function
 * @param events the events in order
 */
record Call(FunctionDefinition function, List<HandledEvent> events) {}

package io.amends.core.causality;

import io.amends.api.OnTimeout;
import java.time.Duration;

/**
 * That an event is not to be handled before something else has happened.
 *
 * @param what what it waits for
 * @param timeout how long, counted from the event's first wait
 * @param onTimeout what happens then
 */
public record WaitRequest(WaitFor what, Duration timeout, OnTimeout onTimeout) {}

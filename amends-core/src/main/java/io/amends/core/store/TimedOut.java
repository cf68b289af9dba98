package io.amends.core.store;

import io.amends.api.OnTimeout;
import java.time.Duration;

/**
 * A wait that has lasted too long, or that a person has ended.
 *
 * @param what what it waited for
 * @param lasted how long
 * @param then what is to happen to the event
 */
public record TimedOut(String what, Duration lasted, OnTimeout then) {}

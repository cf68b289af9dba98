package io.amends.core.failure;

import java.time.Instant;

/**
 * What a decision about a record may depend on besides the record, read after it and its lane were locked.
 *
 * @param now the database's time
 * @param mayRun whether nothing in its lane holds it up (true if it holds no lane)
 * @param fence the fence that its slot has now
 * @param followers events parked behind it in its lane
 * @param woken whether what it waited for has come
 * @param paused whether its lane is paused
 */
public record Situation(Instant now, boolean mayRun, long fence, long followers, boolean woken, boolean paused) {}

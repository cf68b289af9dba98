package io.amends.core.operate;

import java.time.Instant;

/**
 * A line of the audit.
 *
 * @param n its number; later lines have greater ones
 * @param at when it began, by the store's clock
 * @param entry what was about to be done
 * @param outcome what became of it; never with an answer
 */
public record AuditLine(long n, Instant at, AuditEntry entry, AuditOutcome outcome) {}

package io.amends.core.store;

import java.util.List;
import java.util.Set;

/**
 * Which due records a claim is for.
 *
 * @param processor the processor
 * @param claims the slots
 * @param functions only records for these functions, or without a function and for these event types
 * @param eventTypes the types of records without a function
 * @param requestedOnly of the records that are FAILED only those that a person has made due, however many others were due
 *     before them
 * @param limit the most records
 */
public record DueQuery(
        String processor,
        List<Claim> claims,
        Set<String> functions,
        Set<String> eventTypes,
        boolean requestedOnly,
        int limit) {}

package io.amends.core.store;

import java.util.List;

/**
 * A node that joins.
 *
 * @param id unique for each start of a process
 * @param build the build's version, for people
 * @param host where it runs, for people
 * @param processors what it can handle
 */
public record NodeRegistration(String id, String build, String host, List<ProcessorRegistration> processors) {}

package io.amends.testkit.store;

import java.util.function.Function;

/**
 * A verb with its arguments.
 *
 * @param text what it does, for the story of a difference
 * @param run does it, and gives the answer
 */
record ModelStep(String text, Function<ModelSide, Object> run) {}

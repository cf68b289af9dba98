package io.amends.testkit.model;

import java.util.function.Function;

/**
 * A verb with its arguments.
 *
 * @param text what it does, for the story of a difference
 * @param run does it, and gives the answer
 */
record Step(String text, Function<Side, Object> run) {}

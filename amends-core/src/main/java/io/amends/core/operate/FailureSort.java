package io.amends.core.operate;

/** The order of a list of failed executions; equal ones are in the order of their ids. */
public enum FailureSort {
    /** The newest record first. */
    NEWEST,
    /** The oldest record first. */
    OLDEST,
    /** What is due next first; leaves out what is never due. */
    NEXT
}

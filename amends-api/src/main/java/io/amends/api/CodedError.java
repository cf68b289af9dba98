package io.amends.api;

/** Gives an exception a stable error code for records, groups and notifications; without it the class's name is the code. */
public interface CodedError {

    /** The code, for instance {@code "POINTS_CLOSED"}; at most 100 characters are kept. */
    String errorCode();
}

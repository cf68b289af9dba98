package io.amends.examples.loyalty.web;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Why a request was not done, as RFC 9457 problem details; nothing was changed. */
public final class Problems {
    private Problems() {}

    /** What the request names does not exist. */
    public static ErrorResponseException notFound(String detail) {
        return problem(HttpStatus.NOT_FOUND, detail);
    }

    /** What the request wants does not fit what is there. */
    public static ErrorResponseException conflict(String detail) {
        return problem(HttpStatus.CONFLICT, detail);
    }

    /** The request itself is wrong; every mistake is named. */
    public static ErrorResponseException invalid(List<String> mistakes) {
        ErrorResponseException problem = problem(HttpStatus.BAD_REQUEST, String.join("; ", mistakes));
        problem.getBody().setProperty("mistakes", mistakes);
        return problem;
    }

    private static ErrorResponseException problem(HttpStatus status, String detail) {
        return new ErrorResponseException(status, ProblemDetail.forStatusAndDetail(status, detail), null);
    }
}

package io.amends.console;

import java.io.Serial;

/** Why a sign-in at an OpenID provider came to nothing; the message is for the log. */
final class OidcException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What the page tells the person. */
    enum Reason {
        /** The browser has nothing of a sign-in with this state, or it is too old, or was used. */
        BEGUN_ELSEWHERE,
        /** The provider let the person not in. */
        REFUSED,
        /** The provider does not answer as it should. */
        PROVIDER_AWAY,
        /** What the provider answered is not to be believed. */
        NOT_BELIEVED,
        /** The ID token does not name the person as it should. */
        NO_NAME,
        /** What is known of the person is too long for a cookie. */
        TOO_LONG
    }

    private final Reason reason;

    OidcException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    OidcException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}

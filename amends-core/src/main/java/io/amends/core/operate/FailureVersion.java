package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.RetryState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Names the state that a person saw, so that a command on another state can be refused: 12 hexadecimal digits over
 * everything that changes in a failed execution. Two states of one record have the same only by an accident of 2⁻⁴⁸.
 */
public final class FailureVersion {
    private FailureVersion() {}

    /** The version of the record as it is. */
    public static String of(FailedExecution failure) {
        RetryState retry = failure.retry();
        String state = List.of(
                        failure.status(),
                        failure.processor(),
                        failure.function(),
                        failure.reason(),
                        failure.error().code(),
                        failure.fingerprint(),
                        failure.executedAt(),
                        failure.policy(),
                        retry,
                        failure.recoverability(),
                        String.valueOf(failure.recoverabilityBy()))
                .stream()
                .map(Objects::toString)
                .collect(Collectors.joining("\n"));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(state.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

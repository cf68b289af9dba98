package io.amends.core.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a person who acts on a lane has seen of it.
 *
 * @param headPosition the position of its first event that is not done, null if it has none
 * @param pause who holds it, or null
 */
public record LaneState(
        @Nullable Long headPosition, @Nullable LanePause pause) {
    /** A lane that nothing holds. */
    public static final LaneState FREE = new LaneState(null, null);

    /** Names the state, so that a command on another one can be refused: 12 hexadecimal digits. */
    public String version() {
        String state = headPosition + " " + (pause == null ? null : pause.since());
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(state.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

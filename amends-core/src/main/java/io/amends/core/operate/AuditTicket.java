package io.amends.core.operate;

import io.amends.core.operate.AuditOutcome.Answer;
import org.jspecify.annotations.Nullable;

/** What the audit says to a command that is about to begin. */
public sealed interface AuditTicket {

    /**
     * It has a line, and may begin.
     *
     * @param n the line's number
     */
    record Begun(long n) implements AuditTicket {}

    /**
     * The same actor sent a command with this key before.
     *
     * @param hash the hash of what was asked then
     * @param answer what was answered, null if it has not ended, or nobody knows how it ended
     */
    record Repeated(String hash, @Nullable Answer answer) implements AuditTicket {}

    /**
     * The key that a caller gives a command, so that it is done once however often it is sent.
     *
     * @param key the key, unique for its actor, at most 200 characters
     * @param hash a hash of what is asked
     */
    record Key(String key, String hash) {}
}

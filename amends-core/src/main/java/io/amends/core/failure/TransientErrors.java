package io.amends.core.failure;

import io.amends.api.ErrorClassifier;
import io.amends.api.Recoverability;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The built-in classifier, asked last: knows what the JDK's own exceptions say of a passing trouble, and nothing of what
 * can not be cured. Database errors by class and by SQLSTATE class (08 connection, 40 rollback, 53 resources, 57
 * operator), I/O with other systems, timeouts.
 */
public final class TransientErrors implements ErrorClassifier {
    private static final List<String> SQL_STATES = List.of("08", "40", "53", "57");
    private static final int NEXT_EXCEPTIONS = 16;

    /**
     * Whether a class of exceptions passes by itself; the nearest superclass here decides. Those that are false tell of
     * the input or of a file, which no waiting changes. By name: not every application has every one of them.
     */
    private static final Map<String, Boolean> PASSING = Map.ofEntries(
            Map.entry("java.util.concurrent.TimeoutException", true),
            Map.entry("java.io.IOException", true),
            Map.entry("java.io.CharConversionException", false),
            Map.entry("java.io.FileNotFoundException", false),
            Map.entry("java.io.ObjectStreamException", false),
            Map.entry("java.io.UTFDataFormatException", false),
            Map.entry("java.io.UnsupportedEncodingException", false),
            Map.entry("java.net.MalformedURLException", false),
            Map.entry("java.nio.charset.CharacterCodingException", false),
            Map.entry("java.nio.file.FileSystemException", false),
            // Jackson 2 calls malformed JSON an IOException.
            Map.entry("com.fasterxml.jackson.core.JsonProcessingException", false),
            Map.entry("com.fasterxml.jackson.core.JacksonException", false));

    @Override
    public @Nullable Recoverability classify(Throwable error) {
        boolean passing = error instanceof SQLException sql ? isPassing(sql) : isPassing(error.getClass());
        return passing ? Recoverability.RECOVERABLE : null;
    }

    private static boolean isPassing(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            Boolean passing = PASSING.get(c.getName());
            if (passing != null) {
                return passing;
            }
        }
        return false;
    }

    private static boolean isPassing(SQLException first) {
        SQLException error = first;
        for (int i = 0; error != null && i < NEXT_EXCEPTIONS; i++) {
            String state = error.getSQLState();
            if (error instanceof SQLTransientException
                    || error instanceof SQLRecoverableException
                    || (state != null && state.length() >= 2 && SQL_STATES.contains(state.substring(0, 2)))) {
                return true;
            }
            error = error.getNextException();
        }
        return false;
    }
}

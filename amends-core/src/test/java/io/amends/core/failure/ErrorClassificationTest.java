package io.amends.core.failure;

import static io.amends.api.Recoverability.RECOVERABLE;
import static io.amends.api.Recoverability.UNKNOWN;
import static io.amends.api.Recoverability.UNRECOVERABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.ErrorClassifier;
import io.amends.api.Recoverability;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.MalformedURLException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class ErrorClassificationTest {
    private static final List<Class<? extends Throwable>> NONE = List.of();

    private final List<String> warnings = new ArrayList<>();
    private final ErrorClassification builtIn = new ErrorClassification(List.of(), warnings::add);

    @Test
    void passingTroubleIsRecoverable() {
        assertThat(List.of(
                        new SQLTransientConnectionException(),
                        new SQLRecoverableException(),
                        new SQLTimeoutException(),
                        new SQLException("connection", "08006"),
                        new SQLException("deadlock", "40P01"),
                        new SQLException("memory", "53200"),
                        new SQLException("shutdown", "57P01"),
                        new SocketTimeoutException(),
                        new ConnectException(),
                        new HttpTimeoutException("t"),
                        new IOException(),
                        new TimeoutException(),
                        new UncheckedIOException(new IOException()),
                        new RuntimeException(new RuntimeException(new TimeoutException())),
                        new CompletionException(new ConnectException())))
                .allSatisfy(e -> assertThat(builtIn.classify(e, NONE, NONE)).isEqualTo(RECOVERABLE));
    }

    @Test
    void whatMayBeCuredByAPersonOnlyIsUnknownNotUnrecoverable() {
        assertThat(List.of(
                        new SQLIntegrityConstraintViolationException("duplicate", "23505"),
                        new SQLException("no state", (String) null),
                        new SQLException("short", "0"),
                        new FileNotFoundException(),
                        new NoSuchFileException("f"),
                        new CharacterCodingException(),
                        new MalformedURLException(),
                        new ClassCastException(),
                        new NoClassDefFoundError(),
                        new NullPointerException()))
                .allSatisfy(e -> assertThat(builtIn.classify(e, NONE, NONE)).isEqualTo(UNKNOWN));
    }

    @Test
    void aDatabaseErrorIsLookedForAmongTheNextOnesToo() {
        BatchUpdateException batch = new BatchUpdateException();
        batch.setNextException(new SQLException("deadlock", "40001"));

        assertThat(builtIn.classify(batch, NONE, NONE)).isEqualTo(RECOVERABLE);
    }

    @Test
    void theNearestClassOfBothListsDecides() {
        List<Class<? extends Throwable>> recoverable = List.of(Exception.class, ConnectException.class);
        List<Class<? extends Throwable>> unrecoverable = List.of(IOException.class);

        assertThat(builtIn.classify(new ConnectException(), recoverable, unrecoverable))
                .isEqualTo(RECOVERABLE);
        assertThat(builtIn.classify(new SocketTimeoutException(), recoverable, unrecoverable))
                .isEqualTo(UNRECOVERABLE);
        assertThat(builtIn.classify(new IllegalStateException(), recoverable, unrecoverable))
                .isEqualTo(RECOVERABLE);
        assertThat(builtIn.classify(new Error(), recoverable, unrecoverable)).isEqualTo(UNKNOWN);
    }

    @Test
    void theOutermostNamedExceptionDecidesBeforeAnyClassifier() {
        ErrorClassification classification = new ErrorClassification(List.of(e -> RECOVERABLE), warnings::add);
        Exception error = new RuntimeException(new IllegalStateException(new IllegalArgumentException()));

        assertThat(classification.classify(
                        error, List.of(IllegalArgumentException.class), List.of(IllegalStateException.class)))
                .isEqualTo(UNRECOVERABLE);
    }

    @Test
    void classifiersAreAskedInOrderEachOverTheWholeChain() {
        ErrorClassifier first = e -> e instanceof IllegalArgumentException ? UNRECOVERABLE : null;
        ErrorClassifier second = e -> e instanceof IOException ? UNKNOWN : null;
        ErrorClassification classification = new ErrorClassification(List.of(first, second), warnings::add);

        assertThat(classification.classify(new IOException(new IllegalArgumentException()), NONE, NONE))
                .isEqualTo(UNRECOVERABLE);
        // An explicit UNKNOWN is an answer: the built-in classifier is not asked.
        assertThat(classification.classify(new IOException(), NONE, NONE)).isEqualTo(UNKNOWN);
        assertThat(classification.classify(new TimeoutException(), NONE, NONE)).isEqualTo(RECOVERABLE);
    }

    @Test
    void aClassifierThatThrowsMeansUnknown() {
        ErrorClassifier broken = e -> {
            throw new StackOverflowError();
        };

        Recoverability answer =
                new ErrorClassification(List.of(broken), warnings::add).classify(new TimeoutException(), NONE, NONE);

        assertThat(answer).isEqualTo(UNKNOWN);
        assertThat(warnings).singleElement().asString().contains("TimeoutException counts as UNKNOWN");
    }

    @Test
    void aCyclicChainEnds() {
        Exception first = new Exception();
        Exception second = new Exception(first);
        first.initCause(second);

        assertThat(builtIn.classify(first, NONE, NONE)).isEqualTo(UNKNOWN);
    }
}

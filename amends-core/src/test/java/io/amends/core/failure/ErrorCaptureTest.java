package io.amends.core.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.amends.api.CodedError;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ErrorCaptureTest {
    private final List<String> warnings = new ArrayList<>();
    private final ErrorCapture capture = new ErrorCapture(Redactor.NONE, List.of(), warning -> {});

    @Test
    void anOrdinaryExceptionIsKeptAsJavaPrintsIt() {
        Exception error = new IllegalStateException("outer", new IOException("inner"));

        ErrorDetails details = capture.details(error);

        assertThat(details.code()).isEqualTo("java.lang.IllegalStateException");
        assertThat(details.message()).isEqualTo("outer");
        assertThat(details.causes())
                .containsExactly(
                        new ErrorDetails.Cause("java.lang.IllegalStateException", "outer"),
                        new ErrorDetails.Cause("java.io.IOException", "inner"));
        assertThat(details.stack()).isEqualTo(printed(error));
    }

    @Test
    void suppressedExceptionsArePartOfTheStack() {
        Exception error = new IOException("main");
        error.addSuppressed(new IllegalStateException("close", new IllegalArgumentException("why")));

        assertThat(capture.details(error).stack()).isEqualTo(printed(error));
    }

    @Test
    void wrappersAreUnwrappedWithoutLosingTheirStack() {
        Exception cause = new IllegalArgumentException("real");
        Exception wrapped = new InvocationTargetException(
                new UndeclaredThrowableException(new CompletionException(new ExecutionException("x", cause))));

        ErrorDetails details = capture.details(wrapped);

        assertThat(details.code()).isEqualTo("java.lang.IllegalArgumentException");
        assertThat(details.message()).isEqualTo("real");
        assertThat(details.causes())
                .containsExactly(new ErrorDetails.Cause("java.lang.IllegalArgumentException", "real"));
        assertThat(details.stack()).contains("ExecutionException: x", "Caused by: java.lang.IllegalArgumentException");
    }

    @Test
    void aWrapperWithoutACauseStandsForItself() {
        assertThat(capture.details(new CompletionException("alone", null)).code())
                .isEqualTo("java.util.concurrent.CompletionException");
    }

    static final class Coded extends RuntimeException implements CodedError {
        private final String code;

        Coded(String code) {
            this.code = code;
        }

        @Override
        public String errorCode() {
            if (code.equals("throw")) {
                throw new IllegalStateException();
            }
            return code;
        }
    }

    @Test
    void aCodedErrorAnywhereInTheChainGivesTheCode() {
        assertThat(capture.details(new RuntimeException(new Coded("POINTS_CLOSED")))
                        .code())
                .isEqualTo("POINTS_CLOSED");
        assertThat(capture.details(new Coded("x".repeat(500))).code()).hasSize(100);
        assertThat(capture.details(new Coded("throw")).code()).isEqualTo(tail(Coded.class.getName()));
        assertThat(capture.details(new Coded(" ")).code()).isEqualTo(tail(Coded.class.getName()));
    }

    static final class Endless extends RuntimeException {
        Endless() {
            super(null, null, false, false);
        }

        @Override
        public synchronized Throwable getCause() {
            return new Endless();
        }
    }

    @Test
    void aCyclicAnEndlessAndADeepChainEnd() {
        RuntimeException first = new RuntimeException("first");
        RuntimeException second = new RuntimeException("second", first);
        first.initCause(second);
        first.addSuppressed(second);
        assertThat(capture.details(first).causes())
                .extracting(ErrorDetails.Cause::message)
                .containsExactly("first", "second");

        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThat(capture.details(new Endless()).causes()).hasSize(16));

        Throwable deep = new IOException("root");
        for (int i = 0; i < 10_000; i++) {
            deep = new RuntimeException("level " + i, deep);
        }
        ErrorDetails details = capture.details(deep);
        assertThat(details.causes()).hasSize(16);
        assertThat(details.causes().get(15)).isEqualTo(new ErrorDetails.Cause("java.io.IOException", "root"));
        assertThat(details.stack()).contains("... 9985 causes omitted", "Caused by: java.io.IOException: root");
        assertWithinLimits(details);
    }

    static final class Hostile extends RuntimeException {
        @Override
        public String getMessage() {
            throw new StackOverflowError();
        }

        @Override
        public String toString() {
            throw new IllegalStateException();
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new OutOfMemoryError();
        }

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalArgumentException();
        }
    }

    static final class Nulls extends RuntimeException {
        @Override
        public StackTraceElement[] getStackTrace() {
            return new StackTraceElement[] {null};
        }
    }

    @Test
    void anExceptionThatThrowsAsItIsReadIsRecordedAllTheSame() {
        ErrorDetails details = capture.details(new RuntimeException("outer", new Hostile()));

        assertThat(details.message()).isEqualTo("outer");
        assertThat(details.causes()).hasSize(2);
        assertThat(capture.details(new Hostile()).message()).isEmpty();
        assertThat(capture.details(new Nulls()).stack()).isEqualTo(Nulls.class.getName() + "\n");
    }

    @Test
    void aStackOverflowShowsItsTopAndItsLastFrames() {
        StackOverflowError overflow = null;
        try {
            recurse(0);
        } catch (StackOverflowError e) {
            overflow = e;
        }

        ErrorDetails details = capture.details(overflow);

        assertThat(details.stack()).contains("frames omitted").contains("ErrorCaptureTest.recurse");
        assertWithinLimits(details);
    }

    @Test
    void theRootCauseIsInTheStackHoweverLongTheOthersAre() {
        Throwable error = longStack(new IOException("the root"), 2000);
        for (int i = 0; i < 30; i++) {
            error = longStack(new RuntimeException("x".repeat(100_000), error), 2000);
            error.addSuppressed(longStack(new RuntimeException("€".repeat(5000)), 2000));
        }

        ErrorDetails details = capture.details(error);

        assertThat(details.stack()).contains("Caused by: java.io.IOException: the root");
        assertWithinLimits(details);
    }

    @Test
    void textsThatNoDatabaseTakesAreMadeHarmless() {
        ErrorDetails details = capture.details(new RuntimeException(
                "nul \u0000 bell \u0007 lone \ud800 \udc00x esc \u001b[31m rtl \u202e ok \ud83d\ude00"
                        + "\r\nnext\rlast\ttab"));

        assertThat(details.message())
                .isEqualTo("nul \ufffd bell \ufffd lone \ufffd \ufffdx esc \ufffd[31m rtl \ufffd ok \ud83d\ude00"
                        + "\nnext\nlast\ttab");
        assertThat(details.stack())
                .startsWith("java.lang.RuntimeException: nul \ufffd")
                .doesNotContain("\u0000");
    }

    @Test
    void aLongMessageIsCutBetweenCharacters() {
        String message = capture.details(new RuntimeException("a" + "\ud83d\ude00".repeat(5000)))
                .message();

        assertThat(message).hasSizeLessThanOrEqualTo(4096).endsWith("\ud83d\ude00…");
        assertThat(message.codePoints().filter(c -> c >= 0xd800 && c <= 0xdfff).count())
                .isZero();
    }

    @Test
    void aHugeMessageTakesNoLongTime() {
        String huge = "secret ".repeat(2_000_000);

        assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> assertWithinLimits(capture.details(new RuntimeException(huge))));
    }

    @Test
    void everyTextIsRedacted() {
        Redactor redactor = text -> text.replaceAll("secret\\d+", "***");
        BindingErrorReader reader = error -> List.of(new ErrorDetails.Binding("path.secret1", "not secret2"));
        ErrorCapture redacting = new ErrorCapture(redactor, List.of(reader), warnings::add);

        ErrorDetails details = redacting.details(new RuntimeException("a secret3", new IOException("secret4")));

        assertThat(details.toString()).doesNotContain("secret").contains("a ***");
        assertThat(details.bindings()).containsExactly(new ErrorDetails.Binding("path.***", "not ***"));
    }

    @Test
    void nothingOfWhatIsRedactedStaysWhereATextIsCut() {
        Redactor redactor = text -> text.replaceAll("secret-\\d{8}", "");
        ErrorCapture redacting = new ErrorCapture(redactor, List.of(), warnings::add);

        for (int shift = 0; shift < 15; shift++) {
            String message = "x".repeat(shift) + "secret-12345678".repeat(50_000);
            assertThat(redacting.details(new RuntimeException(message)).toString())
                    .doesNotContain("secret");
        }
    }

    @Test
    void aRedactorThatThrowsDropsTheTextNotTheRecord() {
        ErrorCapture broken = new ErrorCapture(
                text -> {
                    throw new IllegalStateException();
                },
                List.of(),
                warnings::add);

        ErrorDetails details = broken.details(new IOException("secret"));

        assertThat(details.code()).isEqualTo("java.io.IOException");
        assertThat(details.message() + details.stack()).isEmpty();
        assertThat(warnings)
                .isNotEmpty()
                .allSatisfy(w -> assertThat(w)
                        .contains("is dropped", "IllegalStateException")
                        .doesNotContain("secret"));
    }

    @Test
    void violatedConstraintsComeFromTheFirstReaderThatFindsSome() {
        BindingErrorReader broken = error -> {
            throw new IllegalStateException();
        };
        BindingErrorReader none = error -> List.of();
        BindingErrorReader many = error -> error instanceof IOException
                ? IntStream.range(0, 1000)
                        .mapToObj(i -> new ErrorDetails.Binding("p" + i, "m".repeat(5000)))
                        .toList()
                : List.of();

        ErrorDetails details = new ErrorCapture(Redactor.NONE, List.of(broken, none, many), warnings::add)
                .details(new RuntimeException(new IOException()));

        assertThat(details.bindings()).hasSize(50);
        assertThat(details.bindings().get(0).path()).isEqualTo("p0");
        assertThat(warnings).hasSize(2).allSatisfy(w -> assertThat(w).contains("violated constraints"));
        assertWithinLimits(details);
    }

    @Test
    void randomExceptionsStayWithinTheLimits() {
        for (long seed = 1; seed <= 300; seed++) {
            Throwable error = random(new Random(seed), 0);
            ErrorDetails details = capture.details(error);
            assertWithinLimits(details);
            assertThat(details.code()).as("seed " + seed).isNotEmpty();
        }
    }

    private static Throwable random(Random random, int depth) {
        Throwable cause = depth < 40 && random.nextInt(10) > 1 ? random(random, depth + 1) : null;
        Throwable error = new RuntimeException(randomText(random), cause);
        for (int i = random.nextInt(3); depth < 8 && i > 0; i--) {
            error.addSuppressed(random(random, depth + 20));
        }
        return random.nextBoolean() ? error : longStack(error, random.nextInt(600));
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(30);
        for (int i = 0; i < length; i++) {
            text.append((char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(0x10000)));
        }
        return text.toString();
    }

    private static void assertWithinLimits(ErrorDetails details) {
        assertThat(details.code().length()).isBetween(1, 100);
        assertThat(details.message()).hasSizeLessThanOrEqualTo(4096);
        assertThat(details.causes()).hasSizeLessThanOrEqualTo(16);
        assertThat(details.causes()).allSatisfy(c -> assertThat(c.message()).hasSizeLessThanOrEqualTo(1024));
        assertThat(details.bindings()).hasSizeLessThanOrEqualTo(50);
        assertThat(details.bindings()).allSatisfy(b -> assertThat(b.message()).hasSizeLessThanOrEqualTo(1024));
        assertThat(details.stack().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(64 * 1024);
        assertThat(details.stack().lines()).hasSizeLessThanOrEqualTo(500);
        List<String> texts = new ArrayList<>(List.of(details.code(), details.message(), details.stack()));
        details.causes().forEach(c -> texts.add(c.message()));
        assertThat(texts)
                .allSatisfy(text -> assertThat(text.codePoints())
                        .noneMatch(c -> (c < 0x20 && c != '\n' && c != '\t') || (c >= 0xd800 && c <= 0xdfff)));
    }

    private static <T extends Throwable> T longStack(T error, int frames) {
        error.setStackTrace(IntStream.range(0, frames)
                .mapToObj(i -> new StackTraceElement("com.acme.C" + error.hashCode(), "m" + i, "C.java", i))
                .toArray(StackTraceElement[]::new));
        return error;
    }

    private static int recurse(int depth) {
        return depth < 0 ? 0 : recurse(depth + 1) + 1;
    }

    private static String tail(String name) {
        return name.substring(Math.max(0, name.length() - 100));
    }

    private static String printed(Throwable error) {
        java.io.StringWriter text = new java.io.StringWriter();
        error.printStackTrace(new PrintWriter(text));
        return text.toString().replace(System.lineSeparator(), "\n");
    }

    /** A message that stands in for frames is kept beside the group, for everybody to see. */
    @Test
    void linesAreRedactedToo() {
        ErrorCapture capture = new ErrorCapture(text -> text.replace("hunter", "•••"), List.of(), warning -> {});

        assertThat(capture.lines(List.of("processor points", "message password hunter is wrong")))
                .containsExactly("processor points", "message password ••• is wrong");
    }
}

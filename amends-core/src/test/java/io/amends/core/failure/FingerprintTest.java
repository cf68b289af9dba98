package io.amends.core.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    private static final List<String> OWN = List.of("com.acme");

    @Test
    void whatNoExceptionExplainsIsGroupedByProcessorReasonAndType() {
        Fingerprint fingerprint = Fingerprint.ofReason(FailureReason.NO_FUNCTION, "billing", "order.paid");

        assertThat(fingerprint.inputs())
                .containsExactly("processor billing", "reason NO_FUNCTION", "event type order.paid");
        assertThat(List.of(
                        fingerprint,
                        Fingerprint.ofReason(FailureReason.SLOW, "billing", "order.paid"),
                        Fingerprint.ofReason(FailureReason.NO_FUNCTION, "mails", "order.paid"),
                        Fingerprint.ofReason(FailureReason.NO_FUNCTION, "billing", "order.sent")))
                .extracting(Fingerprint::value)
                .doesNotHaveDuplicates()
                .allMatch(value -> value.matches("v1:[0-9a-f]{12}"));
    }

    @Test
    void versionOneNeverChanges() {
        Throwable error = new IllegalStateException(
                "x", at(new IOException("y"), "org.lib.Http#send", "com.acme.Pay#charge", "com.acme.Pay#on"));

        Fingerprint fingerprint = Fingerprint.of("billing", error, OWN);

        assertThat(fingerprint.inputs())
                .containsExactly(
                        "processor billing",
                        "error java.lang.IllegalStateException",
                        "error java.io.IOException",
                        "frame com.acme.Pay#charge",
                        "frame com.acme.Pay#on");
        assertThat(fingerprint.value()).isEqualTo("v1:96f12727e7c3");
        assertThat(Fingerprint.of("billing", at(new IOException("order 7 of 'bob'"), "org.lib.Http#send"), OWN)
                        .value())
                .isEqualTo("v1:f3d1e513e49f");
        assertThat(Fingerprint.undecodable("billing", "application/json", "paid")
                        .value())
                .isEqualTo("v1:dd220b92c893");
    }

    @Test
    void messagesAndLineNumbersDoNotMatterWhereThereAreOwnFrames() {
        Throwable one = error("timeout after 3 s", frame("com.acme.Pay", "charge", 10));
        Throwable other = error("timeout after 4 s", frame("com.acme.Pay", "charge", 11));

        assertThat(value(one)).isEqualTo(value(other));
        assertThat(value(one)).isNotEqualTo(value(error("timeout", frame("com.acme.Pay", "refund", 10))));
        assertThat(Fingerprint.of("a", one, OWN)).isNotEqualTo(Fingerprint.of("b", one, OWN));
    }

    @Test
    void onlyTheFirstFiveOwnFramesOfTheRootCount() {
        Throwable five = at(
                new IOException(),
                "com.acme.A#a",
                "com.acme.B#b",
                "com.acme.C#c",
                "x.Y#z",
                "com.acme.D#d",
                "com.acme.E#e",
                "com.acme.F#f");

        assertThat(Fingerprint.of("p", five, OWN).inputs())
                .endsWith("frame com.acme.D#d", "frame com.acme.E#e")
                .hasSize(7);
    }

    @Test
    void namesThatCompilersAndProxiesNumberAreTheSameInEveryBuild() {
        Throwable one = at(
                new IOException(),
                "com.acme.Pay$$Lambda/0x00007f1#run",
                "com.acme.Pay#lambda$charge$0",
                "com.acme.Pay$1#call",
                "com.acme.Pay$$SpringCGLIB$$0#on",
                "com.acme.$Proxy12#on");
        Throwable other = at(
                new IOException(),
                "com.acme.Pay$$Lambda$14/0x9#run",
                "com.acme.Pay#lambda$charge$7",
                "com.acme.Pay$2#call",
                "com.acme.Pay$$EnhancerBySpringCGLIB$$ab12#CGLIB$on$3");

        assertThat(Fingerprint.of("p", one, OWN).inputs())
                .containsSubsequence("frame com.acme.Pay#run", "frame com.acme.Pay#charge", "frame com.acme.Pay#on");
        assertThat(value(one)).isEqualTo(value(other));
    }

    @Test
    void aProxyAroundAMethodAndTheDepthOfARecursionDoNotMatter() {
        Throwable direct = at(new IOException(), "com.acme.Pay#on");
        Throwable proxied = at(
                new IOException(),
                "com.acme.Pay#on",
                "com.acme.Pay#on",
                "org.spring.Aop#x",
                "com.acme.Pay$$SpringCGLIB$$0#on");

        assertThat(value(direct)).isEqualTo(value(proxied));
    }

    @Test
    void aPackagePrefixEndsAtADot() {
        Throwable error = at(new IOException("m"), "com.acmetools.Http#send");

        assertThat(Fingerprint.of("p", error, OWN).inputs()).contains("message m");
        assertThat(Fingerprint.of("p", at(new IOException(), "Main#run"), List.of(""))
                        .inputs())
                .contains("frame Main#run");
    }

    @Test
    void withoutOwnFramesTheMessageCountsWithoutWhatIsVariable() {
        assertThat(message("order 4711 of alice@example.org failed at 2026-11-25T10:15:30.123Z"))
                .isEqualTo("order <n> of <email> failed at <date>");
        assertThat(message("key 0b8f7e0a-0c1d-4e2f-8a3b-4c5d6e7f8091 'x y' \"z\" 0xCAFE Foo@1a2b3c deadbeef01"))
                .isEqualTo("key <uuid> <text> <text> <hex> Foo@<hex> <hex>");
        assertThat(message("can't do 1,234.5 of user42, isn't it")).isEqualTo("can't do <n> of user<n>, isn't it");
        assertThat(message("on 2026-11-25\nnext line")).isEqualTo("on <date> next line");
        assertThat(message(null)).isEmpty();
        assertThat(message("word ".repeat(100_000))).hasSize(200);
        assertThat(message("'".repeat(100_000))).hasSizeLessThanOrEqualTo(200);
        assertThat(message("a".repeat(100_000) + "@")).hasSize(200);
    }

    @Test
    void wrappersDoNotMatter() {
        Throwable real = at(new IOException(), "com.acme.Pay#on");

        assertThat(value(new ExecutionException(real))).isEqualTo(value(real));
    }

    private static String message(String message) {
        String input = Fingerprint.of("p", at(new IOException(message), "org.lib.X#y"), OWN)
                .inputs()
                .get(2);
        assertThat(input).startsWith("message ");
        return input.substring("message ".length());
    }

    private static String value(Throwable error) {
        return Fingerprint.of("p", error, OWN).value();
    }

    private static Throwable error(String message, StackTraceElement... frames) {
        Throwable error = new IllegalStateException(message);
        error.setStackTrace(frames);
        return error;
    }

    private static <T extends Throwable> T at(T error, String... frames) {
        error.setStackTrace(Arrays.stream(frames)
                .map(text -> frame(text.substring(0, text.indexOf('#')), text.substring(text.indexOf('#') + 1), 1))
                .toArray(StackTraceElement[]::new));
        return error;
    }

    private static StackTraceElement frame(String type, String method, int line) {
        return new StackTraceElement(type, method, "X.java", line);
    }
}

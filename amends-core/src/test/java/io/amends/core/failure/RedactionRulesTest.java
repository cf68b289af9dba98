package io.amends.core.failure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RedactionRulesTest {
    private final List<String> warnings = new ArrayList<>();
    private final RedactionRules rules = new RedactionRules(
            List.of(text -> text.replaceAll("tok_[a-z0-9]+", RedactionRules.MASK)),
            List.of("X-Api-Key"),
            List.of("card.number", "card.cvv"),
            RedactionRulesTest::read);

    /** Payloads of these tests are lines of path=value; what begins with an exclamation mark can not be read. */
    private static Optional<String> read(byte[] data, String path) {
        String text = new String(data, UTF_8);
        if (text.startsWith("!")) {
            throw new IllegalStateException("unreadable");
        }
        return text.lines()
                .filter(line -> line.startsWith(path + "="))
                .map(line -> line.substring(path.length() + 1))
                .findFirst();
    }

    private static EventEnvelope event(String payload, Map<String, String> headers) {
        return new EventEnvelope(
                "e-1",
                "/shop",
                "order.paid",
                null,
                null,
                null,
                payload.getBytes(UTF_8),
                null,
                null,
                null,
                null,
                null,
                null,
                new Headers(headers));
    }

    @Test
    void whatThePatternsFindIsReplacedWithoutAnEventToo() {
        assertThat(rules.redact("refused tok_abc123, not token")).isEqualTo("refused •••, not token");
    }

    @Test
    void valuesOfTheEventAreReplacedWhereverTheErrorRepeatsThem() {
        Redactor redactor = rules.of(
                event("card.number=4111111111111111\ncard.cvv=123", Map.of("x-api-key", "hunter22", "a", "b")));

        assertThat(redactor.redact("card 4111111111111111x (cvv 123, order 1234, key hunter22) tok_9 a b"))
                .isEqualTo("card •••x (cvv •••, order 1234, key •••) ••• a b");
    }

    @Test
    void aValueThatIsAPartOfAnotherLeavesNothingOfIt() {
        RedactionRules two =
                new RedactionRules(List.of(), List.of(), List.of("short", "long"), RedactionRulesTest::read);
        assertThat(two.of(event("short=1234\nlong=12345678", Map.of())).redact("12345678 and 1234"))
                .isEqualTo("••• and •••");
    }

    @Test
    void anEventWithoutTheValuesOrWithBlankOnesChangesNothing() {
        Redactor redactor = rules.of(event("card.number= \ncard.cvv=", Map.of("x-api-key", "")));
        assertThat(redactor.redact("a b  c")).isEqualTo("a b  c");
    }

    @Test
    void anErrorOfAPayloadThatCanNotBeReadKeepsNoTexts() {
        ErrorDetails details = new ErrorCapture(rules, List.of(), warnings::add)
                .of(event("!card.number=4111111111111111", Map.of()))
                .details(new IllegalArgumentException("unexpected end in card.number=4111111111111111"));

        assertThat(details.toString()).doesNotContain("4111").contains("IllegalArgumentException");
    }

    @Test
    void everyTextOfAnErrorIsFreeOfThem() {
        String secret = "4111111111111111";
        Exception error = new IllegalStateException("outer " + secret, new RuntimeException("inner " + secret));
        error.addSuppressed(new RuntimeException("suppressed " + secret));
        BindingErrorReader reader = e -> List.of(new ErrorDetails.Binding(secret, "bad " + secret));

        ErrorDetails details = new ErrorCapture(rules, List.of(reader), warnings::add)
                .of(event("card.number=" + secret, Map.of()))
                .details(error);

        assertThat(details.toString()).doesNotContain(secret).contains("outer •••", "inner •••", "suppressed •••");
        assertThat(warnings).isEmpty();
    }

    @Test
    void rulesAndTheApplicationsRedactorBothWork() {
        Redactor both = rules.then(text -> text.replace("name", "n."));
        assertThat(both.redact("name tok_1")).isEqualTo("n. •••");
        assertThat(both.of(event("card.number=4111111111111111", Map.of())).redact("name 4111111111111111"))
                .isEqualTo("n. •••");
    }
}

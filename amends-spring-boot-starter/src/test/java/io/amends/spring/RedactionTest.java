package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.core.define.InvalidDefinitionException;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.Redactor;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.runtime.AmendsEngine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What {@code amends.redact} takes out of errors before they are stored. */
class RedactionTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(JacksonAutoConfiguration.class, AmendsAutoConfiguration.class))
            .withUserConfiguration(InMemorySetup.class)
            .withPropertyValues("amends.immediate-backoffs=");

    record Card(String number) {}

    @EventType("card.charged")
    record CardCharged(@EventKey String userId, Card card) {}

    @EventProcessor(name = "charges")
    static class Charges {
        @OnEvent
        void on(CardCharged charged) {
            throw new IllegalStateException(
                    "card " + charged.card().number() + " of anna@example.org is refused, says Bank",
                    new IllegalArgumentException(
                            "no such card: " + charged.card().number()));
        }
    }

    @Test
    void nothingOfWhatIsNamedIsStoredWithTheErrorAndTheEventStaysWhole() {
        runner.withBean(Charges.class)
                .withBean(Redactor.class, () -> text -> text.replace("Bank", "B."))
                .withPropertyValues("amends.redact.payload-paths=card.number", "amends.redact.patterns=[a-z]+@[a-z.]+")
                .run(context -> {
                    AmendsEngine engine = context.getBean(AmendsEngine.class);
                    await().atMost(SOON)
                            .until(() -> engine.report().processors().getFirst().slots() == 128);
                    context.getBean(EventPublisher.class)
                            .publishNow(new CardCharged("u-1", new Card("4111111111111111")));
                    Operations operations = context.getBean(Operations.class);
                    await().atMost(SOON)
                            .until(() -> !operations
                                    .failures(FailureFilter.ALL, null, 1)
                                    .isEmpty());
                    FailedExecution failure = operations
                            .failure(operations
                                    .failures(FailureFilter.ALL, null, 1)
                                    .getFirst()
                                    .id())
                            .orElseThrow();

                    assertThat(failure.error().message()).isEqualTo("card ••• of ••• is refused, says B.");
                    assertThat(failure.error().toString()).doesNotContain("4111", "anna");
                    OperatorStore operators = context.getBean(OperatorStore.class);
                    await().atMost(SOON)
                            .until(() -> !operators.why(failure.fingerprint()).isEmpty());
                    assertThat(operators.why(failure.fingerprint()))
                            .startsWith(
                                    "processor charges",
                                    "error java.lang.IllegalStateException",
                                    "error java.lang.IllegalArgumentException");
                    assertThat(new String(Objects.requireNonNull(failure.event().data()), StandardCharsets.UTF_8))
                            .as("a retry needs it")
                            .contains("4111111111111111");
                });
    }

    @Test
    void badRulesStopTheStartAllAtOnce() {
        runner.withPropertyValues(
                        "amends.redact.patterns[0]=(unclosed",
                        "amends.redact.patterns[1]=a*",
                        "amends.redact.patterns[2]=(a)\\1",
                        "amends.redact.headers[0]=",
                        "amends.redact.payload-paths[0]=card..number")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOfSatisfying(
                                InvalidDefinitionException.class,
                                invalid -> assertThat(invalid.mistakes())
                                        .hasSize(5)
                                        .anyMatch(
                                                text -> text.contains("\"(unclosed\" (expected: a regular expression"))
                                        .anyMatch(text -> text.contains("it finds the empty text"))
                                        .anyMatch(text -> text.contains("\"(a)\\1\""))
                                        .anyMatch(text -> text.startsWith("amends.redact.headers: blank"))
                                        .anyMatch(text -> text.contains("a dotted path like card.number"))));
    }

    @Test
    void aPatternThatWouldBacktrackForeverTakesItsTimeFromTheLengthOfTheText() {
        Redactor rules = new RedactionReader(new io.amends.spring.settings.AmendsProperties.Redact(
                        java.util.List.of("(a+)+b"), java.util.List.of(), java.util.List.of()))
                .rules(new io.amends.jackson.JacksonEventCodec());

        assertThat(rules.redact("a".repeat(16_000))).hasSize(16_000);
    }
}

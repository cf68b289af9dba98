package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.testkit.disorder.Shop.OrderPaid;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.memory.InMemoryDatabase;
import io.amends.testkit.memory.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DocumentationTest {
    private static final Path PAGE = Path.of("..", "docs", "disorder-test.md");
    private static final Path SOURCE =
            Path.of("src", "test", "java", "io", "amends", "testkit", "disorder", "DocumentationTest.java");

    @EventProcessor(name = "points")
    static final class Points {
        private final Table<String, Integer> scores;

        Points(InMemoryDatabase database) {
            scores = database.table("scores");
        }

        @OnEvent
        void on(UserCreated event) {
            scores.put(event.id(), 0);
        }

        @OnEvent
        void on(OrderPaid event) {
            Integer score = scores.get(event.userId());
            if (score != null) {
                scores.put(event.userId(), score + event.amount());
            }
        }

        Map<String, Integer> scores() {
            return scores.rows();
        }
    }

    void everyOrderGivesTheSameScores() {
        DisorderTest.of(sandbox -> new Points(sandbox.database()))
                .events(
                        new UserCreated("u1", 1, "Anna"),
                        new UserCreated("u2", 1, "Bert"),
                        new OrderPaid("u2", "o1", 7),
                        new OrderPaid("u1", "o2", 5))
                .state(Points::scores)
                .verify();
    }

    @Test
    void thePageShowsTheWholeReport() throws IOException {
        String page = Files.readString(PAGE);

        assertThatThrownBy(this::everyOrderGivesTheSameScores)
                .isInstanceOf(AssertionError.class)
                .satisfies(error -> assertThat(page).contains("```text\n" + error.getMessage() + "```"));
    }

    @Test
    void thePagesSnippetIsCompiledCode() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf("DisorderTest.of(");
        String snippet = page.substring(from, page.indexOf("```", from));

        assertThat(normal(Files.readString(SOURCE))).contains(normal(snippet));
    }

    private static String normal(String code) {
        return code.replaceAll("\\s+", " ").trim();
    }
}

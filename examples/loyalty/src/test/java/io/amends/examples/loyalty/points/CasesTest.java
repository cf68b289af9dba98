package io.amends.examples.loyalty.points;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.examples.loyalty.event.UserChanged;
import io.amends.examples.loyalty.event.UserCreated;
import io.amends.examples.loyalty.event.UserDeleted;
import io.amends.examples.loyalty.fault.Faults;
import io.amends.jackson.JacksonEventCodec;
import io.amends.testkit.disorder.DisorderReport;
import io.amends.testkit.disorder.DisorderTest;
import io.amends.testkit.disorder.Duplicates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The cases of docs/cases as a desk sees them: the naive handlers fail with the report of the page, the declared pass. */
class CasesTest {
    private static final Path CASES = Path.of("..", "..", "docs", "cases");

    /** A processor and its table. */
    private record Side(Object processor, SandboxUsers users) {}

    @Test
    void case1UnrelatedEventsNeedNoDeclaration() throws IOException {
        DisorderReport report = test(NaiveUsers::new)
                .events(
                        user("u1", "Anna", 1).created(),
                        user("u2", "Bert", 1).created(),
                        user("u3", "Cleo", 1).created(),
                        user("u4", "Dora", 1).created())
                .explore();
        isOnThePage("1-unrelated.md", report);
        assertThat(report.passed()).isTrue();
    }

    @Test
    void case5ALateChangeOverwritesANewerOne() throws IOException {
        DisorderReport report = test(NaiveUsers::new)
                .events(user("u1", "Anna", 1).changed(), user("u1", "Anne", 2).changed())
                .explore();
        isOnThePage("5-user-versions.md", report);
        assertThat(report.passed()).isFalse();
    }

    @Test
    void case5ALateChangeBringsADeletedUserBack() throws IOException {
        DisorderReport report = test(NaiveUsers::new)
                .events(user("u1", "Anne", 2).changed(), user("u1", "Anne", 3).deleted())
                .explore();
        isOnThePage("5-user-versions.md", report);
        assertThat(report.passed()).isFalse();
    }

    @Test
    void case5DeclaredEveryOrderEndsAlike() throws IOException {
        DisorderReport report = test(LocalUsers::new)
                .duplicates(Duplicates.HANDLED)
                .events(
                        user("u1", "Anna", 1).created(),
                        user("u2", "Bert", 1).created(),
                        user("u1", "Anne", 2).changed(),
                        user("u2", "Berta", 2).changed(),
                        user("u1", "Anne", 3).deleted())
                .explore();
        isOnThePage("5-user-versions.md", report);
        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.all()).isTrue();
    }

    private static DisorderTest<Side> test(BiFunction<LocalUserTable, Faults, Object> processor) {
        return DisorderTest.of(sandbox -> {
                    SandboxUsers users = new SandboxUsers(sandbox);
                    return new Side(processor.apply(users, new Faults()), users);
                })
                .processor(Side::processor)
                .codec(new JacksonEventCodec(JacksonEventCodec.defaultMapper()))
                .state(side -> {
                    Map<String, String> names = new TreeMap<>();
                    side.users().all().forEach((id, user) -> names.put(id, user.name()));
                    return names;
                });
    }

    private record Named(String id, String name, long version) {
        UserCreated created() {
            return new UserCreated(id, name, "north", 1, version);
        }

        UserChanged changed() {
            return new UserChanged(id, name, "north", 1, version);
        }

        UserDeleted deleted() {
            return new UserDeleted(id, name, "north", 1, version);
        }
    }

    private static Named user(String id, String name, long version) {
        return new Named(id, name, version);
    }

    private static void isOnThePage(String page, DisorderReport report) throws IOException {
        System.out.printf("%s: %d ms%n%s%n", page, report.took().toMillis(), report.text());
        assertThat(Files.readString(CASES.resolve(page)).lines().toList())
                .containsSequence(report.text().lines().toList());
    }
}

package io.amends.examples.loyalty.points;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.examples.loyalty.event.OrderCancelled;
import io.amends.examples.loyalty.event.OrderPaid;
import io.amends.examples.loyalty.event.UserChanged;
import io.amends.examples.loyalty.event.UserCreated;
import io.amends.examples.loyalty.event.UserDeleted;
import io.amends.examples.loyalty.fault.Faults;
import io.amends.jackson.JacksonEventCodec;
import io.amends.testkit.disorder.Cause;
import io.amends.testkit.disorder.DisorderReport;
import io.amends.testkit.disorder.DisorderTest;
import io.amends.testkit.disorder.Divergence;
import io.amends.testkit.disorder.Duplicates;
import io.amends.testkit.disorder.Sandbox;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The cases of docs/cases as a desk sees them: the naive handlers fail with the report of the page, the declared pass. */
class CasesTest {
    private static final Path CASES = Path.of("..", "..", "docs", "cases");

    private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");

    /** The example's processors, and their tables. */
    private record Side(SandboxAccounts accounts, Faults faults) {
        Side(Sandbox sandbox) {
            this(new SandboxAccounts(sandbox), new Faults());
        }

        /** The same where a user is here already, in the first version of a region. */
        Side with(String user) {
            accounts.put(new LocalUser(user, "Anna", "north", 1));
            return this;
        }

        NaiveUsers naiveUsers() {
            return new NaiveUsers(accounts, faults);
        }

        NaivePoints naivePoints() {
            return new NaivePoints(accounts, faults);
        }

        InsistingPoints insistingPoints() {
            return new InsistingPoints(accounts, accounts, faults);
        }

        LocalUsers users() {
            return new LocalUsers(accounts, faults);
        }

        Points points() {
            return new Points(accounts, faults);
        }
    }

    @Test
    void case1UnrelatedEventsNeedNoDeclaration() throws IOException {
        DisorderReport report = names().processor(Side::naiveUsers)
                .events(
                        user("u1", "Anna", 1).created(),
                        user("u2", "Bert", 1).created(),
                        user("u3", "Cleo", 1).created(),
                        user("u4", "Dora", 1).created())
                .explore();
        isOnThePage("1-unrelated", report);
        assertThat(report.passed()).isTrue();
    }

    private static final Object[] CASE_2 = {user("u1", "Anna", 1).created(), paid("o1", 5, 1), paid("o2", 2, 1)};

    @Test
    void case2APaymentThatComesBeforeItsUserIsLost() throws IOException {
        DisorderReport report = points(side -> side)
                .processors(Side::naiveUsers, Side::naivePoints)
                .events(CASE_2)
                .explore();
        isOnThePage("2-entity-missing", report);
        assertThat(found(report).cause()).isEqualTo(Cause.VERSION_NEEDED);
    }

    @Test
    void case2APaymentThatInsistsOnItsUserStandsInItsWay() throws IOException {
        DisorderReport report = points(side -> side)
                .processor(Side::insistingPoints)
                .events(CASE_2)
                .explore();
        isOnThePage("2-entity-missing", report);
        assertThat(found(report).cause()).isEqualTo(Cause.VERSION_NEEDED);
    }

    @Test
    void case2DeclaredEveryOrderEndsAlike() throws IOException {
        DisorderReport report = points(side -> side)
                .processors(Side::users, Side::points)
                .events(CASE_2)
                .explore();
        isOnThePage("2-entity-missing", report);
        assertThat(report.passed()).as(report.text()).isTrue();
    }

    private static final Object[] CASE_3 = {paid("o1", 10, 1), paid("o2", 3, 1), cancelled("o1", 10)};

    @Test
    void case3WhatIsCancelledBeforeItIsPaidStaysPaid() throws IOException {
        DisorderReport report = points(side -> side.with("u1"))
                .processor(Side::naivePoints)
                .events(CASE_3)
                .explore();
        isOnThePage("3-paid-and-cancelled", report);
        assertThat(found(report).cause()).isEqualTo(Cause.REVERSED_PAIR);
    }

    @Test
    void case3DeclaredEveryOrderEndsAlike() throws IOException {
        DisorderReport report = points(side -> side.with("u1"))
                .processor(Side::points)
                .takenAsDone("users") // the user is here from the beginning
                .duplicates(Duplicates.HANDLED)
                .events(CASE_3)
                .explore();
        isOnThePage("3-paid-and-cancelled", report);
        assertThat(report.passed()).as(report.text()).isTrue();
    }

    @Test
    void case4APaymentOfTheOldRegionIsCountedInTheNewOne() throws IOException {
        DisorderReport report = points(side -> side.with("u1"))
                .processors(Side::naiveUsers, Side::naivePoints)
                .events(paid("o1", 10, 1), moved())
                .explore();
        isOnThePage("4-region-versions", report);
        assertThat(found(report).cause()).isEqualTo(Cause.STALE_VERSION);
    }

    @Test
    void case4APaymentThatComesBeforeItsRegionIsLost() throws IOException {
        DisorderReport report = points(side -> side.with("u1"))
                .processors(Side::naiveUsers, Side::naivePoints)
                .events(moved(), paid("o2", 5, 2))
                .explore();
        isOnThePage("4-region-versions", report);
        assertThat(found(report).cause()).isEqualTo(Cause.VERSION_NEEDED);
    }

    @Test
    void case4DeclaredEveryOrderEndsAlike() throws IOException {
        DisorderReport report = points(side -> side)
                .processors(Side::users, Side::points)
                .events(
                        user("u1", "Anna", 1).created(),
                        paid("o1", 10, 1),
                        moved(),
                        paid("o2", 5, 2),
                        cancelled("o2", 5))
                .explore();
        isOnThePage("4-region-versions", report);
        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.all()).isTrue();
    }

    @Test
    void case5ALateChangeOverwritesANewerOne() throws IOException {
        DisorderReport report = names().processor(Side::naiveUsers)
                .events(user("u1", "Anna", 1).changed(), user("u1", "Anne", 2).changed())
                .explore();
        isOnThePage("5-user-versions", report);
        assertThat(report.passed()).isFalse();
    }

    @Test
    void case5ALateChangeBringsADeletedUserBack() throws IOException {
        DisorderReport report = names().processor(Side::naiveUsers)
                .events(user("u1", "Anne", 2).changed(), user("u1", "Anne", 3).deleted())
                .explore();
        isOnThePage("5-user-versions", report);
        assertThat(report.passed()).isFalse();
    }

    @Test
    void case5DeclaredEveryOrderEndsAlike() throws IOException {
        DisorderReport report = names().processor(Side::users)
                .duplicates(Duplicates.HANDLED)
                .events(
                        user("u1", "Anna", 1).created(),
                        user("u2", "Bert", 1).created(),
                        user("u1", "Anne", 2).changed(),
                        user("u2", "Berta", 2).changed(),
                        user("u1", "Anne", 3).deleted())
                .explore();
        isOnThePage("5-user-versions", report);
        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.all()).isTrue();
    }

    private static DisorderTest<Side> names() {
        return DisorderTest.of(Side::new)
                .codec(new JacksonEventCodec(JacksonEventCodec.defaultMapper()))
                .state(side -> side.accounts().names());
    }

    private static DisorderTest<Side> points(UnaryOperator<Side> before) {
        return DisorderTest.of(sandbox -> before.apply(new Side(sandbox)))
                .codec(new JacksonEventCodec(JacksonEventCodec.defaultMapper()))
                .state(side -> side.accounts().points());
    }

    private static OrderPaid paid(String order, int amount, long region) {
        return new OrderPaid(order, "u1", BigDecimal.valueOf(amount), NOON, region);
    }

    private static OrderCancelled cancelled(String order, int amount) {
        return new OrderCancelled(order, "u1", BigDecimal.valueOf(amount), NOON, NOON.plusSeconds(60));
    }

    private static UserChanged moved() {
        return new UserChanged("u1", "Anna", "south", 2, 2);
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

    private static Divergence found(DisorderReport report) {
        Divergence divergence = report.divergence();
        if (divergence == null) {
            throw new AssertionError(report.text());
        }
        return divergence;
    }

    private static void isOnThePage(String page, DisorderReport report) throws IOException {
        System.out.printf("%s: %d ms%n%s%n", page, report.took().toMillis(), report.text());
        for (String language : List.of(".md", ".zh-CN.md")) {
            assertThat(Files.readString(CASES.resolve(page + language)).lines().toList())
                    .as(page + language)
                    .containsSequence(report.text().lines().toList());
        }
    }
}

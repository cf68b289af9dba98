package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.amends.api.OnFailure;
import io.amends.core.define.ProcessorSpec;
import io.amends.testkit.disorder.Shop.NewsRead;
import io.amends.testkit.disorder.Shop.OrderCancelled;
import io.amends.testkit.disorder.Shop.OrderPaid;
import io.amends.testkit.disorder.Shop.RegionChanged;
import io.amends.testkit.disorder.Shop.UserChanged;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.disorder.Shop.UserDeleted;
import io.amends.testkit.disorder.SnapshotUsers.Snapshot;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The five ways in which events may come out of order. */
@Timeout(60)
class FiveCasesTest {

    @Test
    void unrelatedEventsMayComeInAnyOrder() {
        DisorderReport report = naive(NaiveHandlers::unrelated)
                .events(
                        new OrderPaid("u1", "o1", 10),
                        new NewsRead("u1", "a"),
                        new OrderPaid("u2", "o2", 7),
                        new NewsRead("u2", "b"),
                        new OrderPaid("u1", "o3", 5),
                        new NewsRead("u1", "c"))
                .explore();

        print("1 unrelated", report);
        assertThat(report.passed()).isTrue();
        assertThat(report.orders()).isEqualTo(720);
        assertThat(report.all()).isTrue();
        assertThat(report.text())
                .isEqualTo("Order does not matter: processor \"unrelated\" ends in the same state in 14,403 histories:"
                        + " all 720 orders of 6 events, also with a crash in each and on two nodes.");
    }

    @Test
    void anEventThatComesBeforeItsEntityIsLost() {
        DisorderReport report = naive(NaiveHandlers::onlyKnownUsers)
                .events(
                        new UserCreated("u1", 1, "Anna"),
                        new UserCreated("u2", 1, "Bert"),
                        new OrderPaid("u2", "o1", 7),
                        new OrderPaid("u1", "o2", 5))
                .explore();

        print("2 entity missing", report);
        Divergence found = found(report);
        assertThat(found.events()).containsExactly(new UserCreated("u1", 1, "Anna"), new OrderPaid("u1", "o2", 5));
        assertThat(found.order()).containsExactly(1, 0);
        assertThat(found.cause()).isEqualTo(Cause.TOO_EARLY);
        assertThat(report.text()).contains("m2  {}  (changes nothing)");
    }

    @Test
    void aHandlerThatThrowsForAMissingEntityParksItsKeyAndWithThatTheEntity() {
        DisorderReport report = missingEntity(OnFailure.DEFAULT).explore();

        print("2 behind each other", report);
        Divergence found = found(report);
        assertThat(found.stuck()).containsExactly(1, 0);
        assertThat(found.cause()).isEqualTo(Cause.TOO_EARLY);
        assertThat(report.text())
                .contains("m2  {}  (throws NoSuchElementException: user u1)")
                .contains("m1  {}  (parked behind an earlier one of its key)")
                .contains("m2 never succeeds, m1 never succeeds");
    }

    @Test
    void aHandlerThatThrowsForAMissingEntityIsMadeGoodByItsRetryWhereItStepsAside() {
        assertThatCode(missingEntity(OnFailure.CONTINUE)::verify).doesNotThrowAnyException();
    }

    @Test
    void aHandlerThatThrowsForAMissingEntityStopsItsSlot() {
        Divergence found = found(missingEntity(OnFailure.STOP).explore());

        assertThat(found.stuck()).containsExactly(1, 0);
    }

    @Test
    void aHandlerThatThrowsForAMissingEntityIsReportedOnRequest() {
        Divergence found = found(
                missingEntity(OnFailure.CONTINUE).onThrow(OnThrow.REPORTED).explore());

        assertThat(found.order()).containsExactly(1, 0);
        assertThat(found.cause()).isEqualTo(Cause.TOO_EARLY);
    }

    @Test
    void whatIsCancelledBeforeItIsPaidStaysPaid() {
        DisorderReport report = naive(NaiveHandlers::paidAndCancelled)
                .events(
                        new OrderPaid("u1", "o1", 10),
                        new OrderPaid("u1", "o2", 3),
                        new OrderCancelled("u1", "o1"),
                        new OrderPaid("u1", "o3", 2))
                .explore();

        print("3 paid and cancelled", report);
        Divergence found = found(report);
        assertThat(found.events()).containsExactly(new OrderPaid("u1", "o1", 10), new OrderCancelled("u1", "o1"));
        assertThat(found.order()).containsExactly(1, 0);
        assertThat(found.cause()).isEqualTo(Cause.REVERSED_PAIR);
        assertThat(found.advice()).startsWith("m2 must run after m1 of the same orderId");
        assertThat(found.expected()).hasToString("{points={u1=0}}");
        assertThat(found.reached()).hasToString("{points={u1=10}}");
    }

    @Test
    void aPairThatItsSourceKeepsInOrderIsNotReversed() {
        assertThatCode(naive(NaiveHandlers::paidAndCancelled)
                        .perKeyOrderFromOneSource(
                                "orders", new OrderPaid("u1", "o1", 10), new OrderCancelled("u1", "o1"))
                        .perKeyOrderFromOneSource(
                                "orders", new OrderPaid("u2", "o2", 10), new OrderCancelled("u2", "o2"))::verify)
                .doesNotThrowAnyException();
    }

    @Test
    void aPaymentOfTheOldRegionIsCountedInTheNewOne() {
        DisorderReport report = naive(NaiveHandlers::regions)
                .events(
                        new OrderPaid("u1", "o1", 10, 1),
                        new RegionChanged("u1", "south", 2),
                        new OrderPaid("u1", "o2", 5, 2))
                .explore();

        print("4 region versions, late", report);
        Divergence found = found(report);
        assertThat(found.events())
                .containsExactly(new OrderPaid("u1", "o1", 10, 1), new RegionChanged("u1", "south", 2));
        assertThat(found.order()).containsExactly(1, 0);
        assertThat(found.cause()).isEqualTo(Cause.STALE_VERSION);
        assertThat(found.advice())
                .as("see DeclaredCasesTest for what it is worth")
                .endsWith("""
                skip it if that is over:

                  @OnEvent
                  @RequireVersion(stream = "region", atLeast = "userRegionVersion")
                  @SkipStale(stream = "region", version = "userRegionVersion", acceptEqual = true)
                  void on(OrderPaid event)

                  @OnEvent
                  @SkipStale(stream = "region", version = "regionVersion")
                  void on(RegionChanged event)""");
    }

    @Test
    void aPaymentThatComesBeforeItsRegionIsLost() {
        DisorderReport report = naive(NaiveHandlers::regions)
                .events(
                        new RegionChanged("u1", "south", 2),
                        new OrderPaid("u1", "o2", 5, 2),
                        new OrderPaid("u1", "o3", 1, 2))
                .explore();

        print("4 region versions, early", report);
        Divergence found = found(report);
        assertThat(found.events())
                .containsExactly(new RegionChanged("u1", "south", 2), new OrderPaid("u1", "o2", 5, 2));
        assertThat(found.order()).containsExactly(1, 0);
        assertThat(found.cause()).isEqualTo(Cause.VERSION_NEEDED);
    }

    @Test
    void aLateUpdateBringsADeletedUserBack() {
        DisorderReport report = naive(NaiveHandlers::synchronizer)
                .events(new UserCreated("u2", 1, "Bert"), new UserChanged("u1", 2, "Anne"), new UserDeleted("u1", 3))
                .explore();

        print("5 synchronizer, deleted", report);
        Divergence found = found(report);
        assertThat(found.events()).containsExactly(new UserChanged("u1", 2, "Anne"), new UserDeleted("u1", 3));
        assertThat(found.order()).containsExactly(1, 0);
        assertThat(found.cause()).isEqualTo(Cause.STALE_VERSION);
        assertThat(found.expected()).hasToString("{}");
        assertThat(found.reached()).hasToString("{users={u1=Anne}}");
    }

    @Test
    void aLateUpdateOverwritesANewerOne() {
        DisorderReport report = naive(NaiveHandlers::synchronizer)
                .events(new UserChanged("u1", 2, "Anne"), new UserChanged("u1", 3, "Annette"))
                .explore();

        print("5 synchronizer, updated", report);
        assertThat(found(report).order()).containsExactly(1, 0);
        assertThat(found(report).cause()).isEqualTo(Cause.STALE_VERSION);
    }

    @Test
    void theReportSaysWhichDeclarationWouldHelp() {
        Divergence found = found(naive(NaiveHandlers::synchronizer)
                .events(new UserChanged("u1", 2, "Anne"), new UserDeleted("u1", 3))
                .explore());

        assertThat(found.advice()).endsWith("""
                        bring the row back:

                          @OnEvent
                          @SkipStale(stream = "user")
                          void on(UserChanged event)

                          @OnEvent
                          @SkipStale(stream = "user", deletes = true)
                          void on(UserDeleted event)""");
    }

    @Test
    void aSynchronizerThatDeclaresWhatIsStalePasses() {
        DisorderReport report = DisorderTest.of(SkippingUsers::new)
                .state(SkippingUsers::names)
                .duplicates(Duplicates.HANDLED)
                .events(
                        new UserCreated("u1", 1, "Anna"),
                        new UserCreated("u2", 1, "Bert"),
                        new UserChanged("u1", 2, "Anne"),
                        new UserDeleted("u1", 3),
                        new UserChanged("u2", 2, "Berta"))
                .explore();

        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.all()).isTrue();
    }

    @Test
    void aDeclarationThatLeavesATypeOutIsFound() {
        DisorderReport report = DisorderTest.of(ForgetfulUsers::new)
                .state(users -> users.names())
                .events(new UserChanged("u1", 2, "Anne"), new UserDeleted("u1", 3))
                .explore();

        assertThat(found(report).order()).containsExactly(1, 0);
        assertThat(found(report).cause()).isEqualTo(Cause.STALE_VERSION);
        assertThat(found(report).advice())
                .as("only what is not declared yet")
                .contains("void on(UserDeleted event)")
                .doesNotContain("void on(UserChanged event)");
    }

    @Test
    void aStaleEventIsShownAsSkipped() {
        DisorderReport report = DisorderTest.of(sandbox -> new SkippingUsers(sandbox))
                // what nothing can put in order: which of two came last
                .state(users -> users.handled())
                .events(new UserChanged("u1", 2, "Anne"), new UserChanged("u1", 3, "Annette"))
                .explore();

        assertThat(report.text())
                .contains("(stale, skipped)")
                .contains("m1 is skipped as stale, as its function declares, and what it would have done is missed")
                .doesNotContain("@OnEvent");
        assertThat(found(report).inDisorder())
                .extracting(Delivered::what)
                .containsExactly(Delivered.What.HANDLED, Delivered.What.STALE);
    }

    @Test
    void anEntitySynchronizerPasses() {
        DisorderReport report = DisorderTest.of(SnapshotUsers::new)
                .state(SnapshotUsers::names)
                .duplicates(Duplicates.HANDLED)
                .events(
                        new Snapshot("u1", 1, "Anna").as("created"),
                        new Snapshot("u2", 1, "Bert").as("created"),
                        new Snapshot("u1", 2, "Anne").as("changed"),
                        new Snapshot("u1", 3, "Anne").as("deleted"),
                        new Snapshot("u2", 2, "Berta").as("changed"))
                .explore();

        print("5 entity synchronizer", report);
        assertThat(report.passed()).as(report.text()).isTrue();
        assertThat(report.all()).isTrue();
    }

    @Test
    void aSynchronizerThatComparesVersionsPasses() {
        DisorderReport report = DisorderTest.of(VersionedUsers::new)
                .state(VersionedUsers::names)
                .duplicates(Duplicates.HANDLED)
                .events(
                        new UserCreated("u1", 1, "Anna"),
                        new UserCreated("u2", 1, "Bert"),
                        new UserChanged("u1", 2, "Anne"),
                        new UserDeleted("u1", 3),
                        new UserChanged("u2", 2, "Berta"))
                .explore();

        print("5 versioned", report);
        assertThat(report.passed()).as(report.text()).isTrue();
    }

    private static DisorderTest<NaiveHandlers> missingEntity(OnFailure onFailure) {
        return naive(handlers -> handlers.insistingOnUsers().onFailure(onFailure))
                .events(new UserCreated("u1", 1, "Anna"), new OrderPaid("u1", "o1", 5), new OrderPaid("u1", "o2", 2));
    }

    private static DisorderTest<NaiveHandlers> naive(Function<NaiveHandlers, ProcessorSpec> processor) {
        return DisorderTest.of(NaiveHandlers::new).processor(processor).state(NaiveHandlers::state);
    }

    private static Divergence found(DisorderReport report) {
        Divergence divergence = report.divergence();
        if (divergence == null) {
            throw new AssertionError(report.text());
        }
        return divergence;
    }

    private static void print(String title, DisorderReport report) {
        System.out.printf(
                "== %s: %d ms, %,d histories/s%n%s%n", title, report.took().toMillis(), report.rate(), report.text());
    }
}

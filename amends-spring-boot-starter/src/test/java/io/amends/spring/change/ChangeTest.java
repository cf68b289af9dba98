package io.amends.spring.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EntityEvents;
import io.amends.api.EventKey;
import io.amends.api.EventPublisher;
import io.amends.api.EventVersion;
import io.amends.api.NoTransactionException;
import io.amends.api.OutgoingEvent;
import io.amends.api.PublishChanges;
import io.amends.spring.change.Change.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class ChangeTest {
    @EntityEvents("user")
    record User(@EventKey String id, @EventVersion long version) {}

    @EntityEvents(
            value = "user",
            upserts = {"joined", "moved"},
            deletes = "left")
    record Renamed(@EventKey String id, @EventVersion long version) {}

    private final List<String> published = new ArrayList<>();
    private final ChangeCollector collector = new ChangeCollector(Recording::new);

    @Test
    void twoChangesOfOneTransactionAreSeenAsOne() {
        assertThat(after(Kind.CREATED, Kind.CHANGED)).isEqualTo("user.created 2");
        assertThat(after(Kind.CREATED, Kind.DELETED)).isEqualTo("nothing");
        assertThat(after(Kind.CHANGED, Kind.CHANGED)).isEqualTo("user.changed 2");
        assertThat(after(Kind.CHANGED, Kind.DELETED)).isEqualTo("user.deleted 2");
        assertThat(after(Kind.DELETED, Kind.CREATED)).isEqualTo("user.changed 2");
        assertThat(after(Kind.DELETED, Kind.CHANGED)).isEqualTo("user.changed 2");
    }

    @Test
    void aPublisherMayHaveOtherNames() {
        assertThat(Change.of(Kind.CREATED, new Renamed("u", 1)).event().type()).isEqualTo("joined");
        assertThat(Change.of(Kind.CHANGED, new Renamed("u", 1)).event().type()).isEqualTo("moved");
        assertThat(Change.of(Kind.DELETED, new Renamed("u", 1)).event().type()).isEqualTo("left");
    }

    @Test
    void whatASavepointRollsBackIsNotPublished() {
        inTransaction(() -> {
            collector.created(new User("a", 1));
            savepoints(each -> each.savepoint("first"));
            collector.changed(new User("a", 2));
            collector.created(new User("b", 1));
            savepoints(each -> each.savepointRollback("first"));
            collector.publishCollected();
        });
        assertThat(published).containsExactly("user.created a 1");
    }

    @Test
    void aSavepointOlderThanTheFirstChangeTakesAllBack() {
        inTransaction(() -> {
            collector.created(new User("a", 1));
            savepoints(each -> each.savepointRollback("older"));
            collector.publishCollected();
        });
        assertThat(published).isEmpty();
    }

    @Test
    void whatIsToldDuringTheCommitIsPublishedAtOnce() {
        inTransaction(() -> {
            TransactionChanges.currentOrNew().seal();
            collector.changed(new User("a", 1));
            assertThat(published).containsExactly("user.changed a 1");
        });
    }

    @Test
    void withoutATransactionNothingIsTold() {
        assertThatThrownBy(() -> collector.changed(new User("a", 1))).isInstanceOf(NoTransactionException.class);
        collector.publishCollected();
        assertThat(published).isEmpty();
    }

    static class Twice {
        @PublishChanges
        User one() {
            return new User("a", 1);
        }

        @PublishChanges
        User two() {
            return new User("a", 1);
        }
    }

    static class Wrong {
        @PublishChanges
        static String snapshot(int what) {
            return "";
        }
    }

    static class Parent {
        @PublishChanges
        Object snapshot() {
            return "";
        }
    }

    static class Child extends Parent {
        @Override
        @PublishChanges
        User snapshot() {
            return new User("child", 1);
        }
    }

    @Test
    void anEntitysDeclarationIsChecked() {
        assertThat(EntitySnapshots.mistakes(Twice.class))
                .singleElement()
                .asString()
                .contains("on 2 methods (expected: on one)");
        assertThat(EntitySnapshots.mistakes(Wrong.class))
                .hasSize(2)
                .anySatisfy(m -> assertThat(m).contains("without parameters"))
                .anySatisfy(m -> assertThat(m).contains("returns java.lang.String", "@EntityEvents"));
        assertThat(EntitySnapshots.mistakes(Child.class)).isEmpty();
        assertThat(new EntitySnapshots().of(new Child())).isEqualTo(new User("child", 1));
        assertThat(new EntitySnapshots().of("nothing")).isNull();
    }

    private static String after(Kind first, Kind second) {
        Change all = Change.of(second, new User("u", 2)).after(Change.of(first, new User("u", 1)));
        return all == null ? "nothing" : all.event().type() + " " + all.event().version();
    }

    private static void inTransaction(Runnable work) {
        TransactionSynchronizationManager.initSynchronization();
        TransactionSynchronizationManager.setActualTransactionActive(true);
        try {
            work.run();
        } finally {
            TransactionSynchronizationManager.clear();
        }
    }

    private static void savepoints(java.util.function.Consumer<TransactionSynchronization> what) {
        TransactionSynchronizationManager.getSynchronizations().forEach(what);
    }

    private final class Recording implements EventPublisher {
        @Override
        public void publish(Object event) {
            throw new IllegalStateException("another method expected");
        }

        @Override
        public void publish(OutgoingEvent event) {
            User user = (User) event.payload();
            published.add(event.type() + " " + user.id() + " " + event.version());
        }

        @Override
        public void publishNow(Object event) {
            throw new IllegalStateException("another method expected");
        }
    }
}

package io.amends.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.testkit.time.VirtualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class InMemoryDatabaseTest {
    private final InMemoryStore store = new InMemoryStore(new VirtualClock());
    private final InMemoryDatabase database = store.database();
    private final Table<String, Integer> points = database.table("points");

    @Test
    void aTransactionSeesItsOwnWrites() {
        points.put("anna", 1);

        database.inTransaction(() -> {
            points.put("bert", 5);
            points.update("anna", n -> n + 1);
            points.update("anna", n -> n * 10);
            assertThat(points.get("anna")).isEqualTo(20);
            assertThat(points.rows()).containsEntry("bert", 5);
            points.remove("bert");
            assertThat(points.get("bert")).isNull();
            return true;
        });

        assertThat(points.rows()).containsOnlyKeys("anna").containsEntry("anna", 20);
    }

    @Test
    void othersSeeAWriteAfterTheCommitOnly() throws Exception {
        List<Object> seen = new ArrayList<>();

        database.inTransaction(() -> {
            points.put("anna", 1);
            Thread other =
                    Thread.ofPlatform().start(() -> seen.add(points.rows().size()));
            join(other);
            return true;
        });

        assertThat(seen).containsExactly(0);
        assertThat(points.get("anna")).isEqualTo(1);
    }

    @Test
    void whatThrowsIsRolledBack() {
        assertThatThrownBy(() -> database.inTransaction(() -> {
                    points.put("anna", 1);
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(points.rows()).isEmpty();
        assertThat(database.isActive()).isFalse();
    }

    @Test
    void aWriteThatFailsInTheCommitRollsAllTablesBack() {
        Table<String, String> names = database.table("names");

        assertThatThrownBy(() -> database.inTransaction(() -> {
                    names.put("anna", "Anna");
                    points.update("anna", n -> {
                        throw new IllegalStateException("constraint");
                    });
                    return true;
                }))
                .hasMessage("constraint");

        assertThat(names.rows()).isEmpty();
    }

    @Test
    void concurrentUpdatesOfARowAreNotLost() {
        int threads = 4;
        CyclicBarrier barrier = new CyclicBarrier(threads);
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(Thread.ofPlatform()
                    .start(() -> database.inTransaction(() -> {
                        points.update("anna", n -> n == null ? 1 : n + 1);
                        return await(barrier);
                    })));
        }
        running.forEach(InMemoryDatabaseTest::join);

        assertThat(points.get("anna")).isEqualTo(threads);
    }

    @Test
    void aSavepointDropsWhatItsWorkWrote() {
        database.inTransaction(() -> {
            points.put("anna", 1);
            assertThatThrownBy(() -> database.inSavepoint(() -> {
                        points.put("anna", 2);
                        points.put("bert", 2);
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            database.inSavepoint(() -> points.put("carl", 3));
            return true;
        });

        assertThat(points.rows()).containsOnlyKeys("anna", "carl").containsEntry("anna", 1);
        assertThatThrownBy(() -> database.inSavepoint(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTransactionInsideAnotherIsItsOwn() {
        assertThatThrownBy(() -> database.inTransaction(() -> {
                    points.put("outer", 1);
                    database.inTransaction(() -> {
                        points.put("inner", 1);
                        return true;
                    });
                    assertThat(points.rows()).containsKeys("inner", "outer");
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(points.rows()).containsOnlyKeys("inner");
    }

    @Test
    void rowsKeepTheOrderOfTheirInsertion() {
        for (String key : List.of("z", "a", "m")) {
            points.put(key, 1);
        }
        points.put("z", 2);

        assertThat(points.rows().keySet()).containsExactly("z", "a", "m");
        assertThat(points.values()).containsExactly(2, 1, 1);
        assertThat(database.<String, Integer>table("points")).isSameAs(points);
    }

    private static boolean await(CyclicBarrier barrier) {
        try {
            return barrier.await(10, java.util.concurrent.TimeUnit.SECONDS) >= 0;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

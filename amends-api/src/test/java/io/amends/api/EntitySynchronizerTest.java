package io.amends.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EntitySynchronizer.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EntitySynchronizerTest {
    private static final Attempt FIRST = new Attempt(1, 0, 0, 10);
    private static final EventEnvelope EVENT =
            new EventEnvelope("e", "/s", "t", null, null, null, null, null, null, null, null, null, null, Headers.NONE);

    /** Has a version of its own, and something that only this side knows. */
    record Local(String name, @Nullable Long version, String note) implements EventAttributes {
        @Override
        public @Nullable String eventKey() {
            return null;
        }

        @Override
        public @Nullable Long eventVersion() {
            return version;
        }
    }

    private final Map<String, Local> rows = new TreeMap<>();
    private final List<String> calls = new ArrayList<>();
    private final Users users = new Users();

    private final class Users extends EntitySynchronizer<String, Local> {
        private String key = "";

        @Override
        protected @Nullable Local find(String wanted) {
            key = wanted;
            return rows.get(wanted);
        }

        @Override
        protected Local map(String snapshot, @Nullable Local local) {
            return new Local(snapshot, local == null ? null : local.version(), local == null ? "" : local.note());
        }

        @Override
        protected void create(Local local) {
            calls.add("create " + key);
            rows.put(key, local);
        }

        @Override
        protected void update(Local local) {
            calls.add("update " + key);
            rows.put(key, local);
        }

        @Override
        protected void delete(Local local) {
            calls.add("delete " + key);
            rows.remove(key);
        }

        @Override
        protected void handling(EventEnvelope event, Attempt attempt) {
            calls.add("handling");
        }
    }

    @Test
    void createdAndChangedAreOneUpsert() throws Exception {
        upsert("Anne", 2);
        upsert("Anja", 3);
        assertThat(calls).containsExactly("handling", "create u", "handling", "update u");
        assertThat(rows).containsEntry("u", new Local("Anja", null, ""));
    }

    @Test
    void whatOnlyThisSideKnowsStays() throws Exception {
        rows.put("u", new Local("Anna", null, "likes tea"));
        upsert("Anne", 2);
        assertThat(rows).containsEntry("u", new Local("Anne", null, "likes tea"));
    }

    @Test
    void aLocalVersionIsHonouredWhereThereIsOne() throws Exception {
        rows.put("u", new Local("Anja", 5L, ""));
        upsert("Anne", 5);
        remove(4);
        assertThat(rows.get("u")).isEqualTo(new Local("Anja", 5L, ""));
        upsert("Anne", 6);
        assertThat(rows.get("u")).isEqualTo(new Local("Anne", 5L, ""));
        remove(6);
        assertThat(rows).isEmpty();
    }

    @Test
    void anEqualLocalVersionIsAppliedOnceMoreByAResync() throws Exception {
        rows.put("u", new Local("broken", 5L, ""));
        users.upsert("Anja", new Change("u", 0, 5, true), EVENT, FIRST);
        assertThat(rows.get("u")).isEqualTo(new Local("Anja", 5L, ""));
        users.upsert("Anna", new Change("u", 0, 4, true), EVENT, FIRST);
        assertThat(rows.get("u")).isEqualTo(new Local("Anja", 5L, ""));
    }

    @Test
    void aLocalVersionSaysNothingAboutAnotherEpoch() throws Exception {
        rows.put("u", new Local("old", 90L, ""));
        users.upsert("new", new Change("u", 1, 1, false), EVENT, FIRST);
        assertThat(rows.get("u")).isEqualTo(new Local("new", 90L, ""));
    }

    @Test
    void whatIsNotThereIsDeletedAlready() throws Exception {
        remove(3);
        users.removeMissing("u", EVENT, FIRST);
        assertThat(calls).containsExactly("handling", "handling");
    }

    @Test
    void whatTheSourceDoesNotHaveIsRemovedWhateverItsVersion() throws Exception {
        rows.put("u", new Local("Anja", 5L, ""));
        users.removeMissing("u", EVENT, FIRST);
        assertThat(rows).isEmpty();
    }

    @Test
    void withoutAWayToAskThereIsNoResync() throws Exception {
        assertThatThrownBy(() -> users.fetch("u"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("fetch (expected: overridden");
        assertThatThrownBy(users::fetchAll).isInstanceOf(UnsupportedOperationException.class);
        assertThat(users.localKeys()).isEmpty();
    }

    private void upsert(String name, long version) throws Exception {
        users.upsert(name, new Change("u", 0, version, false), EVENT, FIRST);
    }

    private void remove(long version) throws Exception {
        users.remove(new Change("u", 0, version, false), EVENT, FIRST);
    }
}

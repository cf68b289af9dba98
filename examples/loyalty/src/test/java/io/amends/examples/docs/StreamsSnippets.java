package io.amends.examples.docs;

import io.amends.api.EntityChanges;
import io.amends.api.EntityEvents;
import io.amends.api.EntitySynchronizer;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventVersion;
import io.amends.api.OnEvent;
import io.amends.api.PublishChanges;
import io.amends.api.SkipStale;
import io.amends.core.operate.Resync;
import io.amends.spring.synchronize.RepositorySynchronizer;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.repository.CrudRepository;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The snippets of docs/streams.md and docs/cases, compiled. */
class StreamsSnippets {

    record LabelChanged(@EventKey String id, @EventVersion long version, String text) {}

    record LabelDeleted(@EventKey String id, @EventVersion long version) {}

    static class Declared {
        private final Map<String, String> labels;

        Declared(Map<String, String> labels) {
            this.labels = labels;
        }

        @EventProcessor(name = "labels")
        class Labels {
            @OnEvent
            @SkipStale(stream = "label")
            void on(LabelChanged event) {
                labels.put(event.id(), event.text());
            }

            @OnEvent
            @SkipStale(stream = "label", deletes = true)
            void on(LabelDeleted event) {
                labels.remove(event.id());
            }
        }
    }

    @EntityEvents("shop.user")
    record UserSnapshot(
            @EventKey String id, String name, @EventVersion long version) {}

    static class LocalUser {
        final String id;
        String name = "";

        LocalUser(String id) {
            this.id = id;
        }
    }

    @Component
    @EventProcessor(name = "users")
    class LocalUsers extends RepositorySynchronizer<UserSnapshot, LocalUser, String> {
        LocalUsers(CrudRepository<LocalUser, String> repository) {
            super(repository, key -> key);
        }

        @Override
        protected LocalUser map(UserSnapshot snapshot, @Nullable LocalUser local) {
            LocalUser user = local == null ? new LocalUser(snapshot.id()) : local;
            user.name = snapshot.name();
            return user;
        }
    }

    Resync.Result resyncAll(Resync resync, LocalUsers users) throws Exception {
        resync.one(users, "u1");
        Resync.Result result = resync.all(users);
        return result;
    }

    @Entity
    class User {
        @Id
        String id = "";

        @Version
        long version;

        String name = "";

        @PublishChanges
        UserSnapshot snapshot() {
            return new UserSnapshot(id, name, version);
        }
    }

    interface UserTable {
        UserSnapshot rename(String id, String name);
    }

    static class ByHand {
        private final EntityChanges changes;
        private final UserTable table;

        ByHand(EntityChanges changes, UserTable table) {
            this.changes = changes;
            this.table = table;
        }

        @Transactional
        void rename(String id, String name) {
            changes.changed(table.rename(id, name));
        }
    }

    static class Case5 {
        record LocalUser(String id, String name) {}

        @EntityEvents(value = "loyalty.user", key = "id", version = "entityVersion")
        record UserSnapshot(
                @EventKey String id,
                String name,
                @EventVersion long entityVersion) {}

        @EventProcessor(name = "users")
        class LocalUsers extends EntitySynchronizer<UserSnapshot, LocalUser> {
            private final Map<String, LocalUser> users;

            LocalUsers(Map<String, LocalUser> users) {
                this.users = users;
            }

            @Override
            protected @Nullable LocalUser find(String key) {
                return users.get(key);
            }

            @Override
            protected LocalUser map(UserSnapshot snapshot, @Nullable LocalUser local) {
                return new LocalUser(snapshot.id(), snapshot.name());
            }

            @Override
            protected void create(LocalUser local) {
                users.put(local.id(), local);
            }

            @Override
            protected void update(LocalUser local) {
                users.put(local.id(), local);
            }

            @Override
            protected void delete(LocalUser local) {
                users.remove(local.id());
            }
        }
    }
}

package io.amends.testkit.disorder;

import io.amends.api.EntityEvents;
import io.amends.api.EntitySynchronizer;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventVersion;
import io.amends.api.OutgoingEvent;
import io.amends.testkit.memory.Table;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The naive synchronizer as one class: created and changed are one upsert. */
@EventProcessor(name = "snapshot-users")
final class SnapshotUsers extends EntitySynchronizer<SnapshotUsers.Snapshot, SnapshotUsers.LocalUser> {
    private final Table<String, LocalUser> users;

    SnapshotUsers(Sandbox sandbox) {
        users = sandbox.database().table("users");
    }

    /** What all events of a user say. */
    @EntityEvents("user")
    record Snapshot(@EventKey String id, @EventVersion long version, String name) {
        OutgoingEvent as(String change) {
            return OutgoingEvent.of(this).withType("user." + change);
        }
    }

    record LocalUser(String id, String name) {}

    Map<String, LocalUser> names() {
        return users.rows();
    }

    @Override
    protected @Nullable LocalUser find(String key) {
        return users.get(key);
    }

    @Override
    protected LocalUser map(Snapshot snapshot, @Nullable LocalUser local) {
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

package io.amends.testkit.disorder;

import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.testkit.disorder.Shop.UserChanged;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.disorder.Shop.UserDeleted;
import io.amends.testkit.memory.Table;
import java.util.Map;
import java.util.TreeMap;

/** The right synchronizer: the newest version wins, and a deleted user keeps one. */
@EventProcessor(name = "versioned-users")
final class VersionedUsers {
    /** A user, without a name once it is deleted. */
    private record Row(long version, String name) {}

    private final Table<String, Row> users;

    VersionedUsers(Sandbox sandbox) {
        users = sandbox.database().table("users");
    }

    Map<String, String> names() {
        Map<String, String> names = new TreeMap<>();
        users.rows().forEach((id, row) -> names.put(id, row.name()));
        names.values().removeIf(String::isEmpty);
        return names;
    }

    @OnEvent
    void on(UserCreated event) {
        put(event.id(), new Row(event.version(), event.name()));
    }

    @OnEvent
    void on(UserChanged event) {
        put(event.id(), new Row(event.version(), event.name()));
    }

    @OnEvent
    void on(UserDeleted event) {
        put(event.id(), new Row(event.version(), ""));
    }

    private void put(String id, Row row) {
        users.update(id, old -> old != null && old.version() >= row.version() ? old : row);
    }
}

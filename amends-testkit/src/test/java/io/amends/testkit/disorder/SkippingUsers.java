package io.amends.testkit.disorder;

import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.SkipStale;
import io.amends.testkit.disorder.Shop.UserChanged;
import io.amends.testkit.disorder.Shop.UserCreated;
import io.amends.testkit.disorder.Shop.UserDeleted;
import io.amends.testkit.memory.Table;
import java.util.List;
import java.util.Map;

/** The naive synchronizer with declarations: its rows have no version. */
@EventProcessor(name = "skipping-users")
final class SkippingUsers {
    private final Table<String, String> users;
    private final Table<Integer, Long> handled;

    SkippingUsers(Sandbox sandbox) {
        users = sandbox.database().table("users");
        handled = sandbox.database().table("handled");
    }

    Map<String, String> names() {
        return users.rows();
    }

    List<Long> handled() {
        return handled.values();
    }

    @OnEvent
    @SkipStale(stream = "user")
    void on(UserCreated event) {
        users.put(event.id(), event.name());
        handled.put(handled.rows().size(), event.version());
    }

    @OnEvent
    @SkipStale(stream = "user")
    void on(UserChanged event) {
        users.put(event.id(), event.name());
        handled.put(handled.rows().size(), event.version());
    }

    @OnEvent
    @SkipStale(stream = "user", deletes = true)
    void on(UserDeleted event) {
        users.remove(event.id());
        handled.put(handled.rows().size(), event.version());
    }
}

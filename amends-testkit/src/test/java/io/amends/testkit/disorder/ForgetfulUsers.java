package io.amends.testkit.disorder;

import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.SkipStale;
import io.amends.testkit.disorder.Shop.UserChanged;
import io.amends.testkit.disorder.Shop.UserDeleted;
import io.amends.testkit.memory.Table;
import java.util.Map;

/** Its deletes leave no tombstone: they declare nothing. */
@EventProcessor(name = "forgetful-users")
final class ForgetfulUsers {
    private final Table<String, String> users;

    ForgetfulUsers(Sandbox sandbox) {
        users = sandbox.database().table("users");
    }

    Map<String, String> names() {
        return users.rows();
    }

    @OnEvent
    @SkipStale(stream = "user")
    void on(UserChanged event) {
        users.put(event.id(), event.name());
    }

    @OnEvent
    void on(UserDeleted event) {
        users.remove(event.id());
    }
}

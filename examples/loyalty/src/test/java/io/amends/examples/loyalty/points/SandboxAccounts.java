package io.amends.examples.loyalty.points;

import io.amends.testkit.disorder.Sandbox;
import io.amends.testkit.memory.Table;
import java.util.Map;
import java.util.Optional;

/** The users of the points side in the memory of a disorder test. */
final class SandboxUsers implements LocalUserTable {
    private final Table<String, LocalUser> users;

    SandboxUsers(Sandbox sandbox) {
        users = sandbox.database().table("local_user");
    }

    Map<String, LocalUser> all() {
        return users.rows();
    }

    @Override
    public Optional<LocalUser> findUser(String id) {
        return Optional.ofNullable(users.get(id));
    }

    @Override
    public void put(LocalUser user) {
        users.put(user.id(), user);
    }

    @Override
    public void end(String id) {
        users.remove(id);
    }
}

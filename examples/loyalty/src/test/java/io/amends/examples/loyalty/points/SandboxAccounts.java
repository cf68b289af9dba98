package io.amends.examples.loyalty.points;

import io.amends.testkit.disorder.Sandbox;
import io.amends.testkit.memory.Table;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The tables of the points side in the memory of a disorder test: as {@link Accounts} has them in the database. */
final class SandboxAccounts implements LocalUserTable, ScoreTable {
    private final Table<String, User> users;
    private final Table<String, Order> orders;
    private final Table<String, Long> scores;

    private record User(LocalUser user, boolean deleted) {}

    private record Order(LocalOrder order, long points) {
        Order with(long now) {
            return new Order(order, now);
        }
    }

    SandboxAccounts(Sandbox sandbox) {
        users = sandbox.database().table("local_user");
        orders = sandbox.database().table("local_order");
        scores = sandbox.database().table("score");
    }

    /** The names of the users who are here. */
    Map<String, String> names() {
        Map<String, String> names = new TreeMap<>();
        users.rows().forEach((id, row) -> {
            if (!row.deleted()) {
                names.put(id, row.user().name());
            }
        });
        return names;
    }

    /** The points of the users who are here. */
    Map<String, Long> points() {
        Map<String, Long> points = new TreeMap<>();
        names().keySet().forEach(id -> {
            Long score = scores.get(id);
            points.put(id, score == null ? 0 : score);
        });
        return points;
    }

    @Override
    public Optional<LocalUser> findUser(String id) {
        return Optional.ofNullable(users.get(id)).filter(row -> !row.deleted()).map(User::user);
    }

    @Override
    public void put(LocalUser user) {
        User before = users.get(user.id());
        if (before != null && before.user().regionVersion() < user.regionVersion()) {
            forgetPoints(user.id());
            scores.update(user.id(), old -> old == null ? null : 0L);
        }
        users.put(user.id(), new User(user, false));
    }

    @Override
    public void end(String id) {
        users.update(id, row -> row == null ? null : new User(row.user(), true));
        forgetPoints(id);
        scores.remove(id);
    }

    private void forgetPoints(String userId) {
        orders.rows().forEach((key, row) -> {
            if (row.order().userId().equals(userId)) {
                orders.put(key, row.with(0));
            }
        });
    }

    @Override
    public OptionalLong regionVersion(String userId) {
        return findUser(userId).stream().mapToLong(LocalUser::regionVersion).findFirst();
    }

    @Override
    public boolean put(LocalOrder order) {
        String key = key(order.userId(), order.id());
        boolean isNew = orders.get(key) == null;
        if (isNew) {
            orders.put(key, new Order(order, 0));
        }
        return isNew;
    }

    @Override
    public void add(String userId, String orderId, long points) {
        orders.update(key(userId, orderId), row -> row == null ? null : row.with(row.points() + points));
        change(userId, points);
    }

    @Override
    public void takeBack(String userId, String orderId) {
        Order row = orders.get(key(userId, orderId));
        if (row != null) {
            orders.put(key(userId, orderId), row.with(0));
        }
        change(userId, row == null ? 0 : -row.points());
    }

    @Override
    public void change(String userId, long points) {
        scores.update(userId, old -> Math.max(0, (old == null ? 0 : old) + points));
    }

    private static String key(String userId, String orderId) {
        return userId + "/" + orderId;
    }
}

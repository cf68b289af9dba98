package io.amends.examples.loyalty.points;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The tables of the points side. An order is paid once and cancelled once, in whatever order others say so; that a user's
 * events may come in any order is the business of who calls.
 */
@Repository
class Accounts implements LocalUserTable {
    private final JdbcClient jdbc;

    Accounts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What the world may see of a user.
     *
     * @param score its points, 0 or more
     */
    record Account(String userId, String name, String region, long score) {}

    @Override
    public Optional<LocalUser> findUser(String id) {
        return jdbc.sql("select id, name, region, region_version from local_user where id = ? and not deleted")
                .param(id)
                .query(LocalUser.class)
                .optional();
    }

    @Override
    public void put(LocalUser user) {
        jdbc.sql("""
                        insert into local_user (id, name, region, region_version, deleted) values (?, ?, ?, ?, false)
                        on conflict (id) do update set name = excluded.name, region = excluded.region,
                            region_version = excluded.region_version, deleted = false""")
                .params(user.id(), user.name(), user.region(), user.regionVersion())
                .update();
    }

    @Override
    public void end(String id) {
        jdbc.sql("update local_user set deleted = true where id = ?").param(id).update();
        jdbc.sql("update local_order set points = 0 where user_id = ? and points > 0")
                .param(id)
                .update();
        jdbc.sql("delete from score where user_id = ?").param(id).update();
    }

    /** Remembers a payment; true if it is to be counted: the first of its order, not cancelled, of a user who is not gone. */
    boolean paid(LocalOrder order) {
        // held until the commit: a user does not end between this question and its answer's use
        boolean gone = jdbc.sql("select deleted from local_user where id = ? for share")
                .param(order.userId())
                .query(Boolean.class)
                .optional()
                .orElse(false);
        return jdbc.sql("""
                        insert into local_order (user_id, id, amount, paid_time, user_region_version)
                        values (:user, :id, :amount, :time, :region)
                        on conflict (user_id, id) do update set amount = excluded.amount,
                            paid_time = excluded.paid_time, user_region_version = excluded.user_region_version
                        where local_order.paid_time is null
                        returning cancelled_time is null and not :gone""")
                .param("user", order.userId())
                .param("id", order.id())
                .param("amount", order.amount())
                .param("time", timestamp(order.paidTime()))
                .param("region", order.userRegionVersion())
                .param("gone", gone)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Remembers that an order was cancelled. */
    void cancelled(LocalOrder order) {
        jdbc.sql("""
                        insert into local_order (user_id, id, amount, cancelled_time) values (:user, :id, :amount, :time)
                        on conflict (user_id, id) do update set cancelled_time = excluded.cancelled_time
                        where local_order.cancelled_time is null""")
                .param("user", order.userId())
                .param("id", order.id())
                .param("amount", order.amount())
                .param("time", timestamp(order.cancelledTime()))
                .update();
    }

    /** Adds an order's points to the score. Not idempotent: that it happens once is what the engine is for. */
    void add(String userId, String orderId, long points) {
        jdbc.sql("update local_order set points = points + ? where user_id = ? and id = ?")
                .params(points, userId, orderId)
                .update();
        jdbc.sql("""
                        insert into score (user_id, points) values (?, ?)
                        on conflict (user_id) do update set points = score.points + excluded.points""").params(userId, points).update();
    }

    /** Takes what an order added from the score. */
    void takeBack(String userId, String orderId) {
        long points = jdbc.sql("select points from local_order where user_id = ? and id = ? for update")
                .params(userId, orderId)
                .query(Long.class)
                .single();
        jdbc.sql("update local_order set points = 0 where user_id = ? and id = ?")
                .params(userId, orderId)
                .update();
        jdbc.sql("update score set points = greatest(0, points - ?) where user_id = ?")
                .params(points, userId)
                .update();
    }

    Optional<Account> find(String userId) {
        return jdbc.sql("select " + ACCOUNT + " where not u.deleted and u.id = ?")
                .param(userId)
                .query(Account.class)
                .optional();
    }

    /** The accounts after an id, by id. */
    List<Account> after(String userId, int limit) {
        return jdbc
                .sql("select " + ACCOUNT + " where not u.deleted and u.id > ?" + " order by u.id limit ?")
                .params(userId, limit)
                .query(Account.class)
                .stream()
                .map(Objects::requireNonNull)
                .toList();
    }

    private static final String ACCOUNT = "u.id as user_id, u.name, u.region, coalesce(s.points, 0) as score"
            + " from local_user u left join score s on s.user_id = u.id";

    private static @Nullable Timestamp timestamp(@Nullable Instant time) {
        return time == null ? null : Timestamp.from(time);
    }
}

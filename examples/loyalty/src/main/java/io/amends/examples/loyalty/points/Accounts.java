package io.amends.examples.loyalty.points;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables of the points side; that events may come in any order is the business of who calls. */
@Repository
class Accounts implements LocalUserTable, ScoreTable {
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
        long before = jdbc.sql("select region_version from local_user where id = ? for update")
                .param(user.id())
                .query(Long.class)
                .optional()
                .orElse(user.regionVersion());
        if (before < user.regionVersion()) {
            // points belong to a region: one who moves begins anew; what others added before the lock is seen from here
            // on
            jdbc.sql("update local_order set points = 0 where user_id = ? and points > 0")
                    .param(user.id())
                    .update();
            jdbc.sql("update score set points = 0 where user_id = ?")
                    .param(user.id())
                    .update();
        }
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

    @Override
    public OptionalLong regionVersion(String userId) {
        // held until the commit: the user neither moves nor ends between this question and its answer's use
        return jdbc
                .sql("select region_version from local_user where id = ? and not deleted for share")
                .param(userId)
                .query(Long.class)
                .stream()
                .mapToLong(Long::longValue)
                .findFirst();
    }

    @Override
    public boolean put(LocalOrder order) {
        int created = jdbc.sql("""
                        insert into local_order (user_id, id, amount, paid_time, user_region_version)
                        values (:user, :id, :amount, :time, :region) on conflict (user_id, id) do nothing""")
                .param("user", order.userId())
                .param("id", order.id())
                .param("amount", order.amount())
                .param("time", timestamp(order.paidTime()))
                .param("region", order.userRegionVersion())
                .update();
        return created == 1;
    }

    @Override
    public void add(String userId, String orderId, long points) {
        jdbc.sql("update local_order set points = points + ? where user_id = ? and id = ?")
                .params(points, userId, orderId)
                .update();
        change(userId, points);
    }

    @Override
    public void takeBack(String userId, String orderId) {
        long points = jdbc.sql("select points from local_order where user_id = ? and id = ? for update")
                .params(userId, orderId)
                .query(Long.class)
                .optional()
                .orElse(0L);
        jdbc.sql("update local_order set points = 0 where user_id = ? and id = ?")
                .params(userId, orderId)
                .update();
        change(userId, -points);
    }

    @Override
    public void change(String userId, long points) {
        jdbc.sql("""
                        insert into score (user_id, points) values (?, greatest(0, ?::bigint))
                        on conflict (user_id) do update set points = greatest(0, score.points + ?)""").params(userId, points, points).update();
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

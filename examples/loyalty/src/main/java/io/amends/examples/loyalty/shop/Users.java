package io.amends.examples.loyalty.shop;

import io.amends.api.EventPublisher;
import io.amends.examples.loyalty.event.UserChanged;
import io.amends.examples.loyalty.event.UserCreated;
import io.amends.examples.loyalty.event.UserDeleted;
import io.amends.examples.loyalty.web.Problems;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The users of the shop. Each change and its event commit together, or not at all. */
@Service
public class Users {
    private final JdbcClient jdbc;
    private final EventPublisher events;

    Users(JdbcClient jdbc, EventPublisher events) {
        this.jdbc = jdbc;
        this.events = events;
    }

    /** Creates a user; one that was deleted may come back, with higher versions than it had. */
    @Transactional
    public User create(String id, String name, String region) {
        User user = jdbc.sql("""
                        insert into users (id, name, region, region_version, entity_version) values (?, ?, ?, 1, 1)
                        on conflict (id) do update set name = excluded.name, region = excluded.region,
                            region_version = users.region_version + 1, entity_version = users.entity_version + 1,
                            deleted = false
                        where users.deleted
                        returning id, name, region, region_version, entity_version""")
                .params(id, name, region)
                .query(User.class)
                .optional()
                .orElseThrow(() -> Problems.conflict("user " + id + ": exists already"));
        events.publish(new UserCreated(id, name, region, user.regionVersion(), user.entityVersion()));
        return user;
    }

    /** Changes a user; what is null stays, and what changes nothing publishes nothing. */
    @Transactional
    public User change(String id, @Nullable String name, @Nullable String region) {
        User before = find(id, "for update").orElseThrow(() -> unknown(id));
        String newName = name == null ? before.name() : name;
        String newRegion = region == null ? before.region() : region;
        boolean moved = !newRegion.equals(before.region());
        if (!moved && newName.equals(before.name())) {
            return before;
        }
        User user =
                new User(id, newName, newRegion, before.regionVersion() + (moved ? 1 : 0), before.entityVersion() + 1);
        jdbc.sql("update users set name = ?, region = ?, region_version = ?, entity_version = ? where id = ?")
                .params(newName, newRegion, user.regionVersion(), user.entityVersion(), id)
                .update();
        events.publish(new UserChanged(id, newName, newRegion, user.regionVersion(), user.entityVersion()));
        return user;
    }

    /** Deletes a user. */
    @Transactional
    public void delete(String id) {
        User before = find(id, "for update").orElseThrow(() -> unknown(id));
        long version = before.entityVersion() + 1;
        jdbc.sql("update users set deleted = true, entity_version = ? where id = ?")
                .params(version, id)
                .update();
        events.publish(new UserDeleted(id, before.name(), before.region(), before.regionVersion(), version));
    }

    /** The user as it is until the end of the caller's transaction. */
    User hold(String id) {
        return find(id, "for share").orElseThrow(() -> unknown(id));
    }

    private Optional<User> find(String id, String lock) {
        return jdbc.sql("select id, name, region, region_version, entity_version from users"
                        + " where id = ? and not deleted " + lock)
                .param(id)
                .query(User.class)
                .optional();
    }

    private static RuntimeException unknown(String id) {
        return Problems.notFound("user " + id + ": unknown");
    }
}

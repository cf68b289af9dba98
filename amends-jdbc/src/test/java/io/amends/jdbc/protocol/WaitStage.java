package io.amends.jdbc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.NewFailure;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DueQuery;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NewWait;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.WaitResult;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What tests of waits and lanes have in common. */
abstract class WaitStage extends ProtocolStage {
    static final String LANE = "k";

    /** A race has some thousand orders: a few statements on each side, and three commits. */
    static final int EACH = SAMPLE / 4;

    static final Duration HOUR = Duration.ofHours(1);

    /** Works on a lane that somebody else has in hand. */
    static final UnaryOperator<String> WITHOUT_THE_LANE =
            sql -> sql.replaceAll("(select 1 from \"amends\".lane [^;]*) for update( of l)?", "$1");

    /** A case with a scene, and an entity that is waited for. */
    abstract static class Race implements Interleavings.Case {
        private @Nullable Scene scene;

        Scene begin() throws SQLException {
            Scene now = new Scene("a");
            scene = now;
            return now;
        }

        Scene scene() {
            return Objects.requireNonNull(scene);
        }

        StreamKey order() {
            return new StreamKey("order", scene().name("order"));
        }

        WaitFor version(long version) {
            return new WaitFor.Version(scene().processor, order(), new StreamVersion(0, version), false);
        }

        NewWait wait(long position, WaitFor what, StreamKey... provides) {
            return newWait(scene(), LANE, position, new WaitRequest(what, HOUR, OnTimeout.FAIL), provides);
        }

        /** Lets a record succeed that does this version of the entity. */
        Interleavings.Session does(FailureId cause, long version) {
            return stepped -> handle(
                    stepped,
                    scene().name("cause" + version),
                    "cause",
                    tx -> tx.finish(cause, Compensation.succeeded(1), List.of(moving(order(), version))));
        }

        /** An event that waits in the lane, and is being tried again. */
        long tried() throws SQLException {
            return waitingInSlot(scene(), LANE, new WaitFor.Elapsed(Duration.ZERO), HOUR);
        }

        RunOrigin.FromLane fromLane(long position) {
            return new RunOrigin.FromLane(scene().claim, LANE, position);
        }

        Optional<LaneEvent> next() {
            return store(pool).nextInLane(scene().processor, LANE);
        }

        long waits() throws SQLException {
            return number("select count(*) from amends.wait where processor = '" + scene().processor + "'");
        }

        List<FailedExecution> due() {
            return due(pool);
        }

        List<FailedExecution> due(DataSource dataSource) {
            return store(dataSource)
                    .claimDue(
                            new DueQuery(
                                    scene().processor, List.of(scene().claim), Set.of("f"), Set.of("a"), false, 10),
                            Compensation.prepare("n1", () -> 0))
                    .prepared();
        }
    }

    static NewWait newWait(Scene scene, String lane, long position, WaitRequest request, StreamKey... provides) {
        return new NewWait(scene.claim.slot(), lane, at(position), request, null, List.of(provides));
    }

    /** Lets the next event of the slot wait; its position. */
    static long waitingInSlot(Scene scene, String lane, WaitFor what, Duration timeout) throws SQLException {
        return waitingInSlot(scene, lane, what, timeout, OnTimeout.FAIL);
    }

    static long waitingInSlot(Scene scene, String lane, WaitFor what, Duration timeout, OnTimeout then)
            throws SQLException {
        long event = scene.append("a", lane);
        CursorMove move = new CursorMove(scene.claim, scene.position, event);
        NewWait wait = newWait(scene, lane, event, new WaitRequest(what, timeout, then));
        assertThat(store(pool).enterWait(new RunOrigin.FromSlot(move), wait)).isEqualTo(WaitResult.WAITING);
        scene.position = event;
        return event;
    }

    static StoredEvent at(long position) {
        return store(pool).read(position - 1, 1).events().get(0);
    }

    static Advance moving(StreamKey entity, long version) {
        return new Advance(entity, new StreamVersion(0, version), false, Advance.Rule.NEVER_SKIP);
    }

    static NewFailure tooLong(Scene scene, StoredEvent event) {
        return failure(scene, event, FailureReason.WAIT_TIMEOUT);
    }

    static NewFailure failure(Scene scene, StoredEvent event, FailureReason reason) {
        return new NewFailure(
                new FailureId(scene.name("too-long")),
                event.event(),
                event.position(),
                scene.processor,
                0,
                LANE,
                false,
                "f",
                reason,
                new ErrorDetails("E", "m", List.of(), List.of(), ""),
                "",
                RetryPolicy.DEFAULT,
                false,
                Duration.ZERO,
                Duration.ofSeconds(180),
                Recoverability.UNKNOWN,
                null,
                "n1",
                "b",
                scene.claim.fence());
    }

    /** A function of the schema that is another one's wrong variant. */
    record Variant(String function, String name) {}

    static Variant variant(String function, String name, UnaryOperator<String> change) {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            String written;
            try (ResultSet row = statement.executeQuery("select pg_get_functiondef(oid) from pg_proc where proname = '"
                    + function + "' and pronamespace = 'amends'::regnamespace")) {
                row.next();
                written = row.getString(1);
            }
            String changed = change.apply(written);
            assertThat(changed).as("the variant of " + function).isNotEqualTo(written);
            statement.execute(changed.replaceFirst("amends\\." + function + "\\(", "amends." + name + "("));
            return new Variant(function, name);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    static UnaryOperator<String> calling(Variant variant) {
        return sql -> sql.replace("\"amends\"." + variant.function() + "(", "\"amends\"." + variant.name() + "(");
    }
}

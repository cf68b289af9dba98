package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.OnTimeout;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnendedTest {
    private static final StreamKey REGION = new StreamKey("region", "u1");

    private static WaitRequest versionThree() {
        return request(new WaitFor.Version("points", REGION, new StreamVersion(0, 3), false));
    }

    private static WaitRequest request(WaitFor what) {
        return new WaitRequest(what, Duration.ofHours(1), OnTimeout.FAIL);
    }

    @Test
    void eventsThatWaitForOneAnotherAreToldWithBothWaits() {
        Unended one = new Unended(0, versionThree(), List.of(1), null);
        Unended other = new Unended(
                1,
                request(new WaitFor.Version("points", new StreamKey("user", "u1"), new StreamVersion(0, 2), false)),
                List.of(0),
                null);

        assertThat(one.text(List.of(one, other), List.of(0, 1)))
                .isEqualTo(
                        "m1 waits for version 3 of region/u1 in processor points, for ever. m2 would bring it, but"
                                + " waits itself, for version 2 of user/u1 in processor points. Events that wait for one another"
                                + " are never done: take one of the two waits away, or let the wait end by its timeout (onTimeout).");
    }

    @Test
    void aVersionThatIsNeverReachedSaysHowFarItGot() {
        Unended wait = new Unended(2, versionThree(), List.of(0, 1), new StreamVersion(0, 2));

        assertThat(wait.text(List.of(wait), List.of(1, 2)))
                .contains("m1 is done, and brought 2 at most; m2 would bring it, but is never done either")
                .contains("Wait for what really comes in every order");
    }

    @Test
    void whatNobodyBringsIsSaid() {
        Unended wait = new Unended(0, versionThree(), List.of(), null);

        assertThat(wait.text(List.of(wait), List.of(0))).contains("No event given brings it");
    }

    @Test
    void waitsForWhateverComesAndForATimeSayThatTheyWereTriedAgain() {
        Unended next = new Unended(0, request(new WaitFor.Next()), List.of(), null);
        Unended time = new Unended(0, request(new WaitFor.Elapsed(Duration.ofSeconds(5))), List.of(), null);

        assertThat(next.text(List.of(next), List.of(0)))
                .contains("any next event of the same key, for ever")
                .contains("once all others were done");
        assertThat(time.text(List.of(time), List.of(0))).contains("5 seconds to pass, for ever");
    }
}

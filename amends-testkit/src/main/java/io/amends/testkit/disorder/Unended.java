package io.amends.testkit.disorder;

import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A wait that nothing ends.
 *
 * @param event who waits
 * @param request what for
 * @param brings the events of the history that move what it waits for, others than itself
 * @param reached how far that is at the end, or null
 */
record Unended(
        int event,
        WaitRequest request,
        List<Integer> brings,
        @Nullable StreamVersion reached) {

    /** Copies the list. */
    Unended {
        brings = List.copyOf(brings);
    }

    /** What it waits for, why that does not come, and what to do. */
    String text(List<Unended> all, List<Integer> stuck) {
        String waits = Advice.label(event) + " waits for " + request.what().text() + ", for ever. ";
        return switch (request.what()) {
            case WaitFor.Version version -> waits + version(version, all, stuck);
            case WaitFor.Next next ->
                waits
                        + "It was tried again after each event of its key, and once all others were done, and is too early"
                        + " still: either what it looks for never comes, or the handler does not see it when it is"
                        + " there.";
            case WaitFor.Elapsed elapsed ->
                waits + "It was tried again when that had passed, and asks for more time each time: wait for what is"
                        + " missing instead of a time.";
        };
    }

    private String version(WaitFor.Version version, List<Unended> all, List<Integer> stuck) {
        String ends = "let the wait end by its timeout (onTimeout).";
        if (brings.isEmpty()) {
            return "No event given brings it: give the test the event that does, with a function that moves "
                    + version.entity().stream() + " (tracks, @SkipStale, @Sequenced or @Advances), or " + ends;
        }
        List<String> reasons = new ArrayList<>();
        for (int other : brings) {
            String waitsFor = all.stream()
                    .filter(wait -> wait.event() == other)
                    .map(wait -> wait.request().what().text())
                    .findFirst()
                    .orElse("");
            String label = Advice.label(other);
            if (!waitsFor.isEmpty()) {
                reasons.add(label + " would bring it, but waits itself, for " + waitsFor);
            } else if (stuck.contains(other)) {
                reasons.add(label + " would bring it, but is never done either");
            } else {
                reasons.add(label + " is done, and "
                        + (reached == null ? "did not bring it" : "brought " + reached + " at most"));
            }
        }
        boolean isCircle = all.stream().anyMatch(wait -> brings.contains(wait.event()));
        return String.join("; ", reasons) + ". "
                + (isCircle
                        ? "Events that wait for one another are never done: take one of the two waits away, or "
                        : "Wait for what really comes in every order, or ")
                + ends;
    }
}

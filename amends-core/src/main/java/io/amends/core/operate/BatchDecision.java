package io.amends.core.operate;

/** What to make of a batch; a pure function of the locked row. */
@FunctionalInterface
public interface BatchDecision {

    /** The batch as it shall be (only state, stop, pace and canary are written), or the same one for no change. */
    Result decide(Batch current);

    /** What a decision makes. */
    sealed interface Result {
        /** Write it. */
        record Write(Batch after) implements Result {}

        /** Change nothing. */
        record Refuse(String why) implements Result {}
    }

    /** Starts a planned batch. */
    static BatchDecision start(Batch.Pace pace) {
        return current -> current.state() != Batch.State.PLANNED
                ? refuse(current, "PLANNED")
                : new Result.Write(
                        pace.canary() == 0
                                ? current.with(Batch.State.RUNNING, null, pace, 0, true)
                                : current.with(Batch.State.CANARY, null, pace, 0, false));
    }

    /** Lets no more items begin. */
    static BatchDecision pause(Batch.Stop stop) {
        return current -> switch (current.state()) {
            case CANARY, RUNNING -> new Result.Write(current.in(Batch.State.PAUSED, stop));
            case PLANNED, PAUSED, CANCELLED, DONE -> refuse(current, "CANARY, RUNNING");
        };
    }

    /** Goes on; a canary that did not pass is made anew. */
    static BatchDecision resume() {
        return current -> current.state() != Batch.State.PAUSED
                ? refuse(current, "PAUSED")
                : new Result.Write(
                        current.canaryPassed()
                                ? current.in(Batch.State.RUNNING, null)
                                : current.with(
                                        Batch.State.CANARY,
                                        null,
                                        current.pace(),
                                        current.numbers().begun(),
                                        false));
    }

    /** Ends it; what waits is skipped. */
    static BatchDecision cancel(Batch.Stop stop) {
        return current -> switch (current.state()) {
            case PLANNED, CANARY, RUNNING, PAUSED -> new Result.Write(current.in(Batch.State.CANCELLED, stop));
            case CANCELLED, DONE -> refuse(current, "PLANNED, CANARY, RUNNING, PAUSED");
        };
    }

    /** Changes how fast it runs. */
    static BatchDecision pace(Batch.Pace pace) {
        return current -> switch (current.state()) {
            case CANARY, RUNNING, PAUSED ->
                new Result.Write(current.with(
                        current.state(), current.stopped(), pace, current.canaryFrom(), current.canaryPassed()));
            case PLANNED, CANCELLED, DONE -> refuse(current, "CANARY, RUNNING, PAUSED");
        };
    }

    private static Result refuse(Batch current, String expected) {
        return new Result.Refuse("the batch is " + current.state() + " (expected: " + expected + ")");
    }
}

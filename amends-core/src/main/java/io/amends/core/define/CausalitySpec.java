package io.amends.core.define;

import io.amends.core.causality.StreamRule;
import java.util.ArrayList;
import java.util.List;

/**
 * What was said of a function about order.
 *
 * @param streams the streams that its events move
 * @param tracks payload paths that, together, identify an event others may wait for; one list for each way
 * @param dependencies what has to be done before its events
 */
record CausalitySpec(List<StreamRule> streams, List<List<String>> tracks, List<Dependency> dependencies) {
    /** Nothing was said. */
    static final CausalitySpec NONE = new CausalitySpec(List.of(), List.of(), List.of());

    CausalitySpec {
        streams = List.copyOf(streams);
        tracks = List.copyOf(tracks);
        dependencies = List.copyOf(dependencies);
    }

    CausalitySpec withStream(StreamRule stream) {
        return new CausalitySpec(and(streams, stream), tracks, dependencies);
    }

    CausalitySpec withTrack(List<String> paths) {
        return new CausalitySpec(streams, and(tracks, List.copyOf(paths)), dependencies);
    }

    CausalitySpec withDependency(DependencySpec dependency) {
        return new CausalitySpec(streams, tracks, and(dependencies, dependency.definition()));
    }

    CausalitySpec withSequence(SequenceSpec sequence) {
        return new CausalitySpec(and(streams, sequence.rule()), tracks, and(dependencies, sequence.dependency()));
    }

    private static <T> List<T> and(List<T> some, T one) {
        List<T> more = new ArrayList<>(some);
        more.add(one);
        return more;
    }
}

package io.amends.console;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that found its endpoint, from somebody who may use it.
 *
 * @param request as it came
 * @param identity who sends it
 * @param endpoint the endpoint
 * @param variables the path's variable parts, by name
 * @param query the read query, without mistakes
 */
record Call(ApiRequest request, Identity identity, Endpoint endpoint, Map<String, String> variables, Query query) {

    String variable(String name) {
        return Objects.requireNonNull(variables.get(name), name);
    }

    @Nullable String header(String name) {
        return request.headers().get(name);
    }

    /** The refusal if the caller may do this, but not with this processor. */
    Optional<ApiResponse> forbids(String processor) {
        Permission needed = endpoint.permission();
        return needed == null || identity.may(needed, processor)
                ? Optional.empty()
                : Optional.of(ApiResponse.problem(ProblemKind.FORBIDDEN.with(Texts.shown(identity.name())
                        + " lacks the permission " + needed.wireName() + " for the processor "
                        + Texts.shown(processor))));
    }

    String actor() {
        return identity.name();
    }
}

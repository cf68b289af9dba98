package io.amends.console;

import java.util.Map;

/** Examples in the API's description: what the API really writes. */
final class JsonExamples {
    private JsonExamples() {}

    static Map<?, ?> of(Problem problem) {
        return Json.map(problem);
    }
}

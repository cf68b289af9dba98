package io.amends.architecture;

import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.function.Function;

/**
 * One rule, and what its fixture must be blamed for.
 *
 * @param name also the package of its fixture below {@code fixture}
 * @param over the rule over all packages below a root, so that it can be asked of the product and of a fixture
 * @param blamed texts that the report on the fixture contains: what breaks the rule
 */
record Rule(String name, Function<String, ArchRule> over, List<String> blamed) {
    @Override
    public String toString() {
        return name;
    }
}

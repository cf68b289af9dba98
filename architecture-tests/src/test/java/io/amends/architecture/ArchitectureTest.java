package io.amends.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
    private static final String PRODUCT = "io.amends";
    private static final String FIXTURES = "io.amends.architecture.fixture";

    private static JavaClasses product;

    @BeforeAll
    static void readTheProduct() {
        product = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(PRODUCT);
    }

    static List<Rule> rules() {
        return Rules.all();
    }

    @Test
    void all_published_modules_are_read() {
        for (String module : List.of("api", "core", "testkit", "jdbc", "console", "spring")) {
            assertThat(product)
                    .as(module)
                    .anyMatch(type -> type.getPackageName().startsWith(PRODUCT + "." + module));
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void the_product_keeps(Rule rule) {
        rule.over().apply(PRODUCT).check(product);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void the_fixture_is_caught_by(Rule rule) {
        String root = FIXTURES + "." + rule.name();
        JavaClasses fixture = new ClassFileImporter().importPackages(root);
        assertThat(fixture).as("classes below " + root).isNotEmpty();

        EvaluationResult result = rule.over().apply(root).evaluate(fixture);

        assertThat(result.hasViolation()).isTrue();
        assertThat(result.getFailureReport().toString()).contains(rule.blamed());
    }
}

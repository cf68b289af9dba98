package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

class ApiPageTest {
    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(AmendsAutoConfiguration.class, AmendsConsoleAutoConfiguration.class))
            .withUserConfiguration(InMemorySetup.class);

    @Test
    void isThereOnlyIfAskedFor() {
        runner.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("amendsApiPageRoutes"));
    }

    @Test
    void saysWhatItNeeds() {
        runner.withPropertyValues("amends.console.api-page=true")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOfSatisfying(SetupException.class, setup -> {
                            assertThat(setup).hasMessageContaining("amends.console.api-page: true");
                            assertThat(setup.action()).contains("org.webjars:swagger-ui");
                        }));
    }
}

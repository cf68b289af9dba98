package io.amends.spring;

import io.amends.core.operate.OperatorStore;
import io.amends.testkit.memory.InMemoryOperatorStore;
import io.amends.testkit.memory.InMemoryStore;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The in-memory store in the place of a database, on the real clock. */
@Configuration(proxyBeanMethods = false)
public class InMemorySetup {
    @Bean
    InMemoryStore store() {
        return new InMemoryStore(InstantSource.system());
    }

    @Bean
    OperatorStore operatorStore(InMemoryStore store) {
        return new InMemoryOperatorStore(store);
    }
}

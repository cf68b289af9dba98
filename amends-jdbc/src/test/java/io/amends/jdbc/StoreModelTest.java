package io.amends.jdbc;

import io.amends.testkit.memory.InMemoryStoreHarness;
import io.amends.testkit.model.StoreModel;
import org.junit.jupiter.api.Test;

/**
 * The store on PostgreSQL answers random sequences of verbs as the store in memory does.
 *
 * <p>{@code -Damends.model.sequences=5000} runs more of them, {@code -Damends.model.seed=…} begins at another seed.
 */
class StoreModelTest {
    private static final int STEPS = 60;

    @Test
    void bothStoresGiveTheSameAnswers() {
        long first = Long.getLong("amends.model.seed", 0);
        long sequences = Long.getLong("amends.model.sequences", 200);
        for (long seed = first; seed < first + sequences; seed++) {
            try (InMemoryStoreHarness memory = new InMemoryStoreHarness();
                    PostgresHarness postgres = new PostgresHarness()) {
                StoreModel.compare(memory, postgres, seed, STEPS);
            }
        }
    }
}

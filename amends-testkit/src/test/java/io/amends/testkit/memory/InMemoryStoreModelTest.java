package io.amends.testkit.memory;

import io.amends.testkit.model.StoreModel;
import org.junit.jupiter.api.Test;

class InMemoryStoreModelTest {

    @Test
    void twoStoresGiveTheSameAnswersToTheSameVerbs() {
        for (long seed = 0; seed < 300; seed++) {
            StoreModel.compare(new InMemoryStoreHarness(), new InMemoryStoreHarness(), seed, 120);
        }
    }
}

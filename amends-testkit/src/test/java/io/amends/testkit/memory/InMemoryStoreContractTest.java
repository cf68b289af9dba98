package io.amends.testkit.memory;

import io.amends.testkit.store.StoreContract;
import io.amends.testkit.store.StoreHarness;

class InMemoryStoreContractTest extends StoreContract {
    @Override
    protected StoreHarness newHarness() {
        return new InMemoryStoreHarness();
    }
}

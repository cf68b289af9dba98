package io.amends.jdbc;

import io.amends.testkit.store.StoreContract;
import io.amends.testkit.store.StoreHarness;

/** The store on PostgreSQL keeps the contract of stores. */
class PostgresStoreContractTest extends StoreContract {
    @Override
    protected StoreHarness newHarness() {
        return new PostgresHarness();
    }
}

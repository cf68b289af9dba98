package io.amends.testkit.disorder;

import io.amends.api.EventKey;
import io.amends.api.EventVersion;

/** The events of the cases. */
final class Shop {
    private Shop() {}

    record UserCreated(@EventKey String id, @EventVersion long version, String name) {}

    record UserChanged(@EventKey String id, @EventVersion long version, String name) {}

    record UserDeleted(@EventKey String id, @EventVersion long version) {}

    record RegionChanged(@EventKey String userId, String region, long regionVersion) {}

    record OrderPaid(@EventKey String userId, String orderId, int amount, long userRegionVersion) {
        OrderPaid(String userId, String orderId, int amount) {
            this(userId, orderId, amount, 1);
        }
    }

    record OrderCancelled(@EventKey String userId, String orderId) {}

    record NewsRead(@EventKey String userId, String article) {}
}

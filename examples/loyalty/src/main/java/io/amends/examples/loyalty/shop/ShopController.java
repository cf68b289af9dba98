package io.amends.examples.loyalty.shop;

import io.amends.examples.loyalty.web.Checks;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The shop over HTTP. */
@RestController
class ShopController {
    private final Users users;
    private final Orders orders;

    ShopController(Users users, Orders orders) {
        this.users = users;
        this.orders = orders;
    }

    record UserRequest(
            @Nullable String id,
            @Nullable String name,
            @Nullable String region) {}

    record OrderRequest(
            @Nullable String id,
            @Nullable String userId,
            @Nullable BigDecimal amount) {}

    @PostMapping("/users")
    @ResponseStatus(HttpStatus.CREATED)
    User createUser(@RequestBody UserRequest request) {
        Checks checks = new Checks();
        String id = checks.id("id", request.id());
        String name = checks.name("name", request.name());
        String region = checks.name("region", request.region());
        checks.done();
        return users.create(id, name, region);
    }

    @PutMapping("/users/{id}")
    User changeUser(@PathVariable String id, @RequestBody UserRequest request) {
        Checks checks = new Checks();
        checks.id("id in the path", id);
        checks.of("id", request.id(), request.id() == null || request.id().equals(id), "the id in the path, or none");
        checks.of(
                "name and region",
                null,
                request.name() != null || request.region() != null,
                "at least one; what is missing stays");
        String name = request.name() == null ? null : checks.name("name", request.name());
        String region = request.region() == null ? null : checks.name("region", request.region());
        checks.done();
        return users.change(id, name, region);
    }

    @DeleteMapping("/users/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteUser(@PathVariable String id) {
        checkPath(id);
        users.delete(id);
    }

    @PostMapping("/orders")
    @ResponseStatus(HttpStatus.CREATED)
    Order createOrder(@RequestBody OrderRequest request) {
        Checks checks = new Checks();
        String id = checks.id("id", request.id());
        String userId = checks.id("userId", request.userId());
        BigDecimal amount = checks.amount("amount", request.amount());
        checks.done();
        return orders.create(id, userId, amount);
    }

    @PostMapping("/orders/{id}/pay")
    Order pay(@PathVariable String id) {
        checkPath(id);
        return orders.pay(id);
    }

    @PostMapping("/orders/{id}/cancel")
    Order cancel(@PathVariable String id) {
        checkPath(id);
        return orders.cancel(id);
    }

    private static void checkPath(String id) {
        Checks checks = new Checks();
        checks.id("id in the path", id);
        checks.done();
    }
}

package io.amends.examples.loyalty.demo;

import io.amends.examples.loyalty.web.Checks;
import io.amends.examples.loyalty.web.Problems;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Starts traffic over HTTP. */
@RestController
class DemoController {
    private final Traffic traffic;

    DemoController(Traffic traffic) {
        this.traffic = traffic;
    }

    @PostMapping("/demo")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Traffic.Plan start(
            @RequestParam(defaultValue = "100") int users,
            @RequestParam(defaultValue = "1000") int orders,
            @RequestParam(defaultValue = "50") int rate) {
        Checks checks = new Checks();
        checks.number("users", users, 1, 100_000);
        checks.number("orders", orders, 0, 1_000_000);
        checks.number("rate", rate, 1, 5_000);
        checks.done();
        String prefix =
                "demo-" + Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36);
        Traffic.Plan plan = new Traffic.Plan(prefix, users, orders, rate);
        if (!traffic.start(plan)) {
            throw Problems.conflict("a demo is running; wait for its end");
        }
        return plan;
    }
}

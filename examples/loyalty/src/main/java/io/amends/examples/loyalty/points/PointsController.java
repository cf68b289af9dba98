package io.amends.examples.loyalty.points;

import io.amends.examples.loyalty.event.Contract;
import io.amends.examples.loyalty.points.Accounts.Account;
import io.amends.examples.loyalty.web.Checks;
import io.amends.examples.loyalty.web.Problems;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The points over HTTP. */
@RestController
class PointsController {
    private static final int MAX_LIMIT = 1000;
    private final Accounts accounts;

    PointsController(Accounts accounts) {
        this.accounts = accounts;
    }

    /**
     * A page of accounts, by user id.
     *
     * @param next {@code after} of the next page, null on the last one
     */
    record Page(List<Account> items, @Nullable String next) {}

    @GetMapping("/points/{userId}")
    Account points(@PathVariable String userId) {
        Optional<Account> account = Contract.isId(userId) ? accounts.find(userId) : Optional.empty();
        return account.orElseThrow(() -> Problems.notFound("user " + Contract.shown(userId) + ": unknown"));
    }

    @GetMapping("/points")
    Page points(@RequestParam(defaultValue = "") String after, @RequestParam(defaultValue = "100") int limit) {
        Checks checks = new Checks();
        checks.of("after", after, after.isEmpty() || Contract.isId(after), "next of the page before");
        checks.number("limit", limit, 1, MAX_LIMIT);
        checks.done();
        // one more than asked tells whether there is a next page
        List<Account> found = accounts.after(after, limit + 1);
        List<Account> items = found.subList(0, Math.min(limit, found.size()));
        return new Page(items, found.size() > limit ? items.getLast().userId() : null);
    }
}

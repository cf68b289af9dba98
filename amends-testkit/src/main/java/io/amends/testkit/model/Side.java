package io.amends.testkit.model;

import io.amends.core.store.Claim;
import io.amends.core.store.Store;
import io.amends.core.store.TakenSlot;
import io.amends.testkit.store.StoreHarness;
import java.util.ArrayList;
import java.util.List;

/** One of the two stores, with the claims that it has given: the same places of both lists stand for the same claim. */
final class Side {
    private final StoreHarness harness;
    private final List<Claim> claims = new ArrayList<>();
    private final AnswerText text = new AnswerText(claims);

    Side(StoreHarness harness) {
        this.harness = harness;
    }

    StoreHarness harness() {
        return harness;
    }

    Store store() {
        return harness.store();
    }

    /** A claim that was given, or one that nobody was given for a negative number. */
    Claim claim(int number) {
        if (number >= 0) {
            return claims.get(number);
        }
        Claim known = claims.get(-number - 1);
        return new Claim(known.slot(), known.fence() + 1000);
    }

    List<Claim> claims() {
        return claims;
    }

    void learn(List<TakenSlot> taken) {
        taken.forEach(slot -> claims.add(slot.claim()));
    }

    /** What the store answers, as text that does not depend on the store. */
    String answer(Step step) {
        try {
            return text.of(step.run().apply(this));
        } catch (IllegalArgumentException | IllegalStateException e) {
            return "threw " + AnswerText.kind(e);
        } catch (RuntimeException e) {
            return "threw";
        }
    }
}

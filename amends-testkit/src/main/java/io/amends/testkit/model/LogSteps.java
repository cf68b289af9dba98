package io.amends.testkit.model;

import io.amends.api.EventEnvelope;
import java.util.List;
import java.util.stream.IntStream;

/** Publishing, relaying and appending. */
final class LogSteps {
    private final Choices choices;

    LogSteps(Choices choices) {
        this.choices = choices;
    }

    Step publish() {
        int count = 1 + choices.pick(3);
        List<EventEnvelope> published =
                IntStream.range(0, count).mapToObj(i -> choices.event()).toList();
        boolean dedupe = choices.chance(30);
        List<EventEnvelope> all =
                dedupe ? published.stream().map(e -> choices.given()).toList() : published;
        boolean rollback = choices.chance(10);
        return new Step("publish " + ids(all) + (dedupe ? " given" : "") + (rollback ? " and roll back" : ""), side -> {
            side.harness().inCallerTransaction(() -> {
                all.forEach(e -> side.store().caller().publish(e, dedupe));
                if (rollback) {
                    throw new IllegalStateException("rolled back");
                }
            });
            return "published";
        });
    }

    Step relay() {
        int limit = 1 + choices.pick(5);
        return new Step("relay " + limit, side -> side.store().relay(limit));
    }

    Step append() {
        List<EventEnvelope> all = IntStream.range(0, 1 + choices.pick(3))
                .mapToObj(i -> choices.chance(50) ? choices.given() : choices.event())
                .toList();
        return new Step("append " + ids(all), side -> side.store().append(all, "http"));
    }

    static String ids(List<EventEnvelope> events) {
        return events.stream().map(EventEnvelope::id).toList().toString();
    }
}

package io.amends.testkit.disorder;

import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.core.define.ProcessorSpec;
import io.amends.testkit.memory.Table;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Prints how many histories of six events a second are played in memory, by a class with annotations and by a spec, in five
 * rounds: {@code java -cp <test class path of amends-testkit> io.amends.testkit.disorder.Speed}.
 */
final class Speed {
    private static final int EVENTS = 6;
    private static final int ROUNDS = 5;

    private Speed() {}

    record Added(@EventKey String key) {}

    @EventProcessor(name = "annotated")
    static final class Annotated {
        private final Table<String, Integer> table;

        Annotated(Sandbox sandbox) {
            table = sandbox.database().table("added");
        }

        @OnEvent
        void on(Added event) {
            table.put(event.key(), 1);
        }
    }

    /** What holds a processor and its table. */
    private record Side(Object processor, Table<String, Integer> table) {}

    public static void main(String[] arguments) {
        for (int round = 1; round <= ROUNDS; round++) {
            print(round, "annotated", sandbox -> {
                Annotated annotated = new Annotated(sandbox);
                return new Side(annotated, annotated.table);
            });
            print(round, "spec", sandbox -> {
                Table<String, Integer> table = sandbox.database().table("added");
                return new Side(
                        ProcessorSpec.named("spec").on(Added.class, (event, delivery) -> table.put(event.key(), 1)),
                        table);
            });
        }
    }

    private static void print(int round, String what, Function<Sandbox, Side> factory) {
        DisorderReport report = DisorderTest.of(factory)
                .processor(Side::processor)
                .events(IntStream.range(0, EVENTS)
                        .mapToObj(number -> new Added("k" + number))
                        .toArray())
                .state(side -> side.table().rows())
                .explore();
        System.out.printf(
                Locale.ROOT,
                "round %d, %s: %,d histories in %,d ms, %,.0f a second%n",
                round,
                what,
                report.histories(),
                report.took().toMillis(),
                report.histories() * 1e9 / report.took().toNanos());
    }
}

package io.amends.architecture;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.reflect.Method;

/** What the store's verbs are like. */
final class StoreVerbs {
    private StoreVerbs() {}

    /** Whether a verb takes durations instead of points in time. */
    static ArchCondition<JavaMethod> takeNoTimesOf(Class<?> time) {
        return new ArchCondition<>("take durations, not points in time") {
            @Override
            public void check(JavaMethod item, ConditionEvents events) {
                if (item.getRawParameterTypes().stream().anyMatch(type -> type.isAssignableTo(time))) {
                    events.add(SimpleConditionEvent.violated(
                            item, item.getFullName() + " takes a point in time (expected: a Duration)"));
                }
            }
        };
    }

    /** Whether a verb has no default code. */
    static ArchCondition<JavaMethod> beLeftToTheStore() {
        return new ArchCondition<>("have no default") {
            @Override
            public void check(JavaMethod item, ConditionEvents events) {
                Method method = item.reflect();
                if (method.isDefault()) {
                    events.add(SimpleConditionEvent.violated(
                            item, item.getFullName() + " has a default (expected: every store says what it does)"));
                }
            }
        };
    }
}

package io.amends.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

/** Packages with a {@code package-info} that is {@link NullMarked}. */
final class NullMarkedPackages {
    private NullMarkedPackages() {}

    /** Whether a class is in one. */
    static ArchCondition<JavaClass> beInOne() {
        return new ArchCondition<>("be in a package whose package-info is @NullMarked") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                if (!item.getPackage().isAnnotatedWith(NullMarked.class)) {
                    events.add(SimpleConditionEvent.violated(
                            item, item.getPackageName() + " has no @NullMarked package-info: " + item.getName()));
                }
            }
        };
    }
}

package io.amends.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Words that a class name must not hold. */
final class ClassNames {
    private static final Set<String> EMPTY_WORDS =
            Set.of("Manager", "Util", "Utils", "Helper", "Data", "Info", "Base", "Common", "Impl");

    /** One fixture for each word, and one where the word is not the last. */
    static final List<String> FIXTURES = List.of(
            "LaneManager",
            "TextUtil",
            "TextUtils",
            "CursorHelper",
            "SlotData",
            "NodeInfo",
            "StepBase",
            "LaneCommon",
            "StoreImpl",
            "BaseStep");

    private ClassNames() {}

    /** Whether a class name is free of them; a DataSource is a word of its own. */
    static ArchCondition<JavaClass> sayWhatTheyAre() {
        return new ArchCondition<>("have names that say what they are") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                String name = item.getSimpleName().replace("DataSource", "Datasource");
                Arrays.stream(name.split("(?=[A-Z])"))
                        .filter(EMPTY_WORDS::contains)
                        .forEach(word -> events.add(SimpleConditionEvent.violated(
                                item, item.getName() + " (expected: a name without " + word + ")")));
            }
        };
    }
}

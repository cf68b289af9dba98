package io.amends.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rules of the product's structure; each has a fixture that breaks it. */
final class Rules {

    /** Module to the modules that it may use: arrows go adapters → core → api. */
    private static final Map<String, List<String>> ARROWS = new TreeMap<>(Map.of(
            "api", List.of(),
            "core", List.of("api"),
            "testkit", List.of("api", "core"),
            "jdbc", List.of("api", "core"),
            "jackson", List.of("api", "core"),
            "console", List.of("api", "core"),
            "spring", List.of("api", "core", "jdbc", "jackson", "console")));

    /**
     * The packages of the core: first the words, then the stages of an event's way, then who assembles them. A package
     * uses only packages before it.
     */
    private static final List<String> STAGES = List.of(
            "event",
            "causality",
            "failure",
            "flow",
            "store",
            "define",
            "lane",
            "step",
            "observe",
            "publish",
            "relay",
            "handle",
            "own",
            "read",
            "compensate",
            "operate",
            "runtime");

    /** Packages whose code only decides. */
    private static final List<String> DECIDING = List.of("event", "causality", "failure", "flow", "lane");

    private static final List<String> FREE_OF_SPRING = List.of("api", "core", "testkit", "jdbc", "jackson");

    private Rules() {}

    /** All of them. */
    static List<Rule> all() {
        return List.of(
                new Rule("arrows", Rules::arrows, List.of("core.Inward", "jdbc.Sideways", "console.Around")),
                new Rule("modules", Rules::modules, List.of("attic.Unplaced")),
                new Rule("api", Rules::api, List.of("LoggingApi")),
                new Rule("core", Rules::core, List.of("BinaryCore", "SqlCore")),
                new Rule("spring", Rules::spring, List.of("core.SpringCore", "jdbc.SpringStore")),
                new Rule("cycles", Rules::cycles, List.of("egg", "hen")),
                new Rule("stages", Rules::stages, List.of("store.LookingAhead", "surprise.Unordered")),
                new Rule("deciding", Rules::deciding, List.of("LoudDecision", "LockingDecision")),
                new Rule("clocks", Rules::clocks, BannedCalls.fragments()),
                new Rule("names", Rules::names, ClassNames.FIXTURES),
                new Rule("nullness", Rules::nullness, List.of("fixture.nullness.core.unmarked")),
                new Rule("streams", Rules::streams, List.of("Printing.out", "Printing.err", "Printing.trace")),
                new Rule("verbs", Rules::verbs, List.of("Store.absolute", "Store.optional")));
    }

    private static ArchRule arrows(String root) {
        List<ArchRule> rules = new ArrayList<>();
        ARROWS.forEach((module, uses) -> {
            List<String> others = ARROWS.keySet().stream()
                    .filter(other -> !other.equals(module) && !uses.contains(other))
                    .map(other -> root + "." + other + "..")
                    .toList();
            rules.add(noClasses()
                    .that()
                    .resideInAPackage(root + "." + module + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others.toArray(String[]::new))
                    .because(module + " may use only " + uses)
                    .allowEmptyShould(true));
        });
        return CompositeArchRule.of(rules);
    }

    private static ArchRule modules(String root) {
        return classes()
                .should()
                .resideInAnyPackage(ARROWS.keySet().stream()
                        .map(module -> root + "." + module + "..")
                        .toArray(String[]::new))
                .because("a new module needs its place in the order of modules");
    }

    private static ArchRule api(String root) {
        return classes()
                .that()
                .resideInAPackage(root + ".api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(root + ".api..", "java..", "org.jspecify.annotations..")
                .because("whoever uses the api gets nothing else with it");
    }

    private static ArchRule core(String root) {
        return CompositeArchRule.of(classes()
                        .that()
                        .resideInAPackage(root + ".core..")
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage(
                                root + ".core..",
                                root + ".api..",
                                "java..",
                                "org.slf4j..",
                                "org.jspecify.annotations..")
                        .because("the core is usable everywhere"))
                .and(noClasses()
                        .that()
                        .resideInAPackage(root + ".core..")
                        .should()
                        .dependOnClassesThat(
                                resideInAnyPackage("java.sql..", "javax.sql..").and(not(assignableTo(Throwable.class))))
                        .because("databases are behind the store; only their exceptions are known, to judge them"));
    }

    private static ArchRule spring(String root) {
        return noClasses()
                .that()
                .resideInAnyPackage(FREE_OF_SPRING.stream()
                        .map(module -> root + "." + module + "..")
                        .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..")
                .because("plain Java must do everything that Spring does");
    }

    private static ArchRule cycles(String root) {
        return slices().matching(root + ".(**)").should().beFreeOfCycles();
    }

    private static ArchRule stages(String root) {
        List<ArchRule> rules = new ArrayList<>();
        rules.add(classes()
                .that()
                .resideInAPackage(root + ".core..")
                .should()
                .resideInAnyPackage(STAGES.stream()
                        .map(stage -> root + ".core." + stage + "..")
                        .toArray(String[]::new))
                .because("a new package needs its place in the order of stages"));
        for (int i = 0; i < STAGES.size() - 1; i++) {
            rules.add(noClasses()
                    .that()
                    .resideInAPackage(root + ".core." + STAGES.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(STAGES.subList(i + 1, STAGES.size()).stream()
                            .map(later -> root + ".core." + later + "..")
                            .toArray(String[]::new))
                    .because(STAGES.get(i) + " comes before them in " + STAGES)
                    .allowEmptyShould(true));
        }
        return CompositeArchRule.of(rules);
    }

    /** Pure functions that live beside sockets. */
    private static final DescribedPredicate<JavaClass> PERCENT_ENCODING =
            assignableTo(java.net.URLEncoder.class).or(assignableTo(java.net.URLDecoder.class));

    private static ArchRule deciding(String root) {
        return noClasses()
                .that(resideInAnyPackage(DECIDING.stream()
                        .map(stage -> root + ".core." + stage + "..")
                        .toArray(String[]::new)))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("org.slf4j..", "java.util.concurrent..", "java.nio.file..", "java.net..")
                                .and(not(PERCENT_ENCODING)))
                .because("decisions are pure functions");
    }

    private static ArchRule clocks(String root) {
        return noClasses()
                .that(resideInAPackage(root + ".core..").and(not(resideInAPackage(root + ".core.runtime.."))))
                .should(BannedCalls.make())
                .because("time, chance, ids and threads come from the conductor, so that a seed repeats a run");
    }

    private static ArchRule names(String root) {
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .should(ClassNames.sayWhatTheyAre())
                .because("such a word says nothing");
    }

    private static ArchRule nullness(String root) {
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .should(NullMarkedPackages.beInOne())
                .because("null is for @Nullable only");
    }

    private static ArchRule streams(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should(ACCESS_STANDARD_STREAMS)
                .because("the product logs, it does not print");
    }

    private static ArchRule verbs(String root) {
        return methods()
                .that()
                .areDeclaredInClassesThat(
                        resideInAPackage(root + ".core.store..").and(simpleName("Store")))
                .should(StoreVerbs.takeNoTimesOf(Temporal.class))
                .andShould(StoreVerbs.beLeftToTheStore())
                .because("the database's clock decides, and a store answers every verb");
    }
}

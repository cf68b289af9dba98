package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.observe.EngineListener;
import io.amends.core.observe.SafeListener;
import io.amends.spring.observe.EngineMeters;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeardTest {
    @Test
    void everythingThatHappensIsToldToAllAndCounted() {
        List<String> news = methods(EngineListener.class);

        assertThat(methods(SafeListener.class)).containsAll(news);
        assertThat(methods(EngineMeters.class)).containsAll(news);
        assertThat(news).isNotEmpty();
    }

    private static List<String> methods(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> !method.isSynthetic() && !java.lang.reflect.Modifier.isPrivate(method.getModifiers()))
                .filter(method -> !java.lang.reflect.Modifier.isStatic(method.getModifiers()))
                .map(method -> method.getName() + Arrays.toString(method.getParameterTypes()))
                .toList();
    }
}

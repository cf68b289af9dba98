package io.amends.core.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SafeListenerTest {
    @Test
    void everythingThatHappensIsToldOn() {
        List<String> news = Arrays.stream(EngineListener.class.getDeclaredMethods())
                .filter(method -> method.isDefault() && !method.isSynthetic())
                .map(method -> method.getName() + Arrays.toString(method.getParameterTypes()))
                .toList();

        assertThat(Arrays.stream(SafeListener.class.getDeclaredMethods())
                        .map(method -> method.getName() + Arrays.toString(method.getParameterTypes())))
                .containsAll(news);
        assertThat(news).isNotEmpty();
    }
}

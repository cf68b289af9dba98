package io.amends.spring.security;

import static org.springframework.security.config.Customizer.withDefaults;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The chain of docs/production.md; examples/loyalty's DocsTest holds both to the same text. */
@Configuration(proxyBeanMethods = false)
class ConsoleSecurity {
    @Bean
    SecurityFilterChain security(HttpSecurity http) {
        return http.authorizeHttpRequests(requests -> requests.requestMatchers("/amends/**")
                        .hasAnyRole("viewer", "operator", "admin")
                        .anyRequest()
                        .authenticated())
                .csrf(csrf -> csrf.ignoringRequestMatchers("/amends/api/v1/**"))
                .httpBasic(withDefaults())
                .build();
    }
}

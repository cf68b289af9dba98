package io.amends.examples.loyalty;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the loyalty example. */
@SpringBootApplication
public class LoyaltyApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(LoyaltyApplication.class, arguments);
    }
}

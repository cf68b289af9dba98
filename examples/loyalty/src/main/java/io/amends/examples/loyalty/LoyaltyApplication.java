package io.amends.examples.loyalty;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** A shop whose orders earn points: users and orders on one side, the points on the other, events between them. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class LoyaltyApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(LoyaltyApplication.class, arguments);
    }
}

/**
 * The door for CloudEvents over HTTP: binary, structured and batch mode of the HTTP binding 1.0.2, in JSON.
 *
 * <p>The reading is Amends' own and not the CloudEvents SDK's: the SDK's JSON format needs Jackson 2 beside the Jackson 3
 * of Spring Boot 4, stops at the first mistake where a sender should learn of all of them, and re-writes the payload,
 * whose exact bytes the content hash of a repetition is compared by.
 */
@NullMarked
package io.amends.spring.cloudevents;

import org.jspecify.annotations.NullMarked;

/** What a user of Amends writes against: annotations, the publisher, the event, and the retry policy. */
@NullMarked
package io.amends.api;

import org.jspecify.annotations.NullMarked;

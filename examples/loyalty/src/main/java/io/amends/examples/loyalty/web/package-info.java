/** What all requests share: checks and problem details. */
@NullMarked
package io.amends.examples.loyalty.web;

import org.jspecify.annotations.NullMarked;

/** The properties that configure Amends. */
@NullMarked
package io.amends.spring.settings;

import org.jspecify.annotations.NullMarked;

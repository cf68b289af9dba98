/** Events as the engine sees them: envelope with position, codec, ordering key and its hash. */
@NullMarked
package io.amends.core.event;

import org.jspecify.annotations.NullMarked;

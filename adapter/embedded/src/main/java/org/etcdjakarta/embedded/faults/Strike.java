package org.etcdjakarta.embedded.faults;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all faults together do to one call.
 *
 * @param effect null when there is nothing but the delay
 */
record Strike(Duration delay, @Nullable Effect effect) {

    static final Strike NONE = new Strike(Duration.ZERO, null);
}

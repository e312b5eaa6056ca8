package org.etcdjakarta;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** No endpoint answered within the request timeout, and nothing has been written. */
public class EtcdUnavailableException extends EtcdException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Describes the failure.
     *
     * @param code number of the message, {@code ETCD-} and five digits
     * @param message text for the person who reads it at night, without the code
     * @param effect what the failure means for the data
     * @param endpoint the endpoints called, or the empty string when none was involved
     * @param cause what lies behind it, or null
     */
    public EtcdUnavailableException(
            String code, String message, Effect effect, String endpoint, @Nullable Throwable cause) {
        super(code, message, effect, endpoint, cause);
    }
}

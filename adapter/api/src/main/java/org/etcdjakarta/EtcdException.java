package org.etcdjakarta;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A call to etcd, or a transaction over it, that did not do what was asked. The message says what failed, against which
 * endpoint, what it means for the data and what to do.
 */
public class EtcdException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** {@code ETCD-} and five digits. */
    private final String code;
    /** What the failure means for the data. */
    private final Effect effect;
    /** The endpoints called; empty for none. */
    private final String endpoint;

    /**
     * Describes the failure.
     *
     * @param code number of the message, {@code ETCD-} and five digits
     * @param message text for the person who reads it at night, without the code
     * @param effect what the failure means for the data
     * @param endpoint the endpoints called, or the empty string when none was involved
     * @param cause what lies behind it, or null
     */
    public EtcdException(String code, String message, Effect effect, String endpoint, @Nullable Throwable cause) {
        super(code + ": " + message, cause);
        this.code = code;
        this.effect = effect;
        this.endpoint = endpoint;
    }

    /**
     * What the failure means for the data.
     *
     * @return never null
     */
    public Effect effect() {
        return effect;
    }

    /**
     * The endpoints that were called.
     *
     * @return comma-separated, or the empty string when no call was involved
     */
    public String endpoint() {
        return endpoint;
    }

    /**
     * The number of the message.
     *
     * @return {@code ETCD-} and five digits
     */
    public String code() {
        return code;
    }

    /** What a failure means for the data. */
    public enum Effect {
        /** The write has been applied all the same. */
        APPLIED,
        /** Nothing has been written, and nothing will be. */
        NOT_APPLIED,
        /** The answer was lost: the write may have been applied, or may still be. */
        IN_DOUBT,
        /** The call was not a write. */
        NONE
    }
}

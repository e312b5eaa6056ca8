package org.etcdjakarta.core.tx;

import org.etcdjakarta.EtcdException;

/** What became of a commit or prepare is not known when its caller has to be told. */
final class InDoubt extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Doubt doubt;
    private final EtcdException reason;

    InDoubt(Doubt doubt, EtcdException reason) {
        super(reason.getMessage(), reason);
        this.doubt = doubt;
        this.reason = reason;
    }

    Doubt doubt() {
        return doubt;
    }

    /** For the application. */
    EtcdException reason() {
        return reason;
    }
}

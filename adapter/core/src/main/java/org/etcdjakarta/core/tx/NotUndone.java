package org.etcdjakarta.core.tx;

import org.etcdjakarta.EtcdException;

/** A branch is not prepared, and its record may be there all the same: rollback deletes it. */
final class NotUndone extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final EtcdException reason;

    NotUndone(EtcdException reason) {
        super(reason.getMessage(), reason);
        this.reason = reason;
    }

    EtcdException reason() {
        return reason;
    }
}

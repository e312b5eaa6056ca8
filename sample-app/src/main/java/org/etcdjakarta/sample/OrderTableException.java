package org.etcdjakarta.sample;

import java.io.Serial;

/** The database did not do what was asked. A runtime exception, so that it rolls the transaction back. */
final class OrderTableException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    OrderTableException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}

package org.etcdjakarta.sample;

import java.io.Serial;

/** What the caller sent cannot be used; the message says what is wrong with it and is shown to the caller. */
final class InvalidInputException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    InvalidInputException(String message) {
        super(message);
    }
}

package org.etcdjakarta.sample;

import java.io.Serial;

/** The failure that the user asked for. A runtime exception, so that it rolls the transaction back. */
final class OrderFailedException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    OrderFailedException(Order order) {
        super("Order " + order.id() + " failed after both writes, as asked: the transaction rolled back, so there is"
                + " neither a row in the database nor a key in etcd.");
    }
}

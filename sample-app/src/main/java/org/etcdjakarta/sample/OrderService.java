package org.etcdjakarta.sample;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;

/** A database row and an etcd key in one transaction: both or neither. */
@ApplicationScoped
public class OrderService {

    @Inject
    OrderTable table;

    @Inject
    Keys keys;

    @Transactional
    public void place(Order order, boolean failAfterBothWrites) {
        table.insert(order);
        // a read in the transaction: commit happens only if the key is still absent then
        if (keys.exists(order.key())) {
            throw new IllegalStateException("The key " + order.key() + " exists already");
        }
        keys.put(order.key(), order.json());
        if (failAfterBothWrites) {
            throw new OrderFailedException(order);
        }
    }
}

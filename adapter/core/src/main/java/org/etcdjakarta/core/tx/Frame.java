package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RequestOp;
import java.util.List;

/**
 * The protocol's own part of a Txn. It always stands in the outer Txn, first in each of its lists, so that its answers are
 * found at the same places however large the transaction is.
 */
record Frame(List<Compare> compares, List<RequestOp> success, List<RequestOp> failure) {

    /** How many places it takes in each list. */
    record Extent(int compares, int success, int failure) {}

    Extent extent() {
        return new Extent(compares.size(), success.size(), failure.size());
    }
}

package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.TxnRequest;
import org.etcdjakarta.embedded.store.Store;

/** What a request must pass before it reaches the keys. To be called under the store's lock, with what it lets through. */
public final class Admission {

    private final Alarms alarms;

    public Admission(Store store) {
        this.alarms = new Alarms(store);
    }

    void range(RangeRequest request) {}

    void put(PutRequest request) {
        alarms.refuseGrowth();
    }

    void deleteRange(DeleteRangeRequest request) {
        alarms.refuseChange();
    }

    void txn(TxnRequest request) {
        alarms.refuse(request);
    }

    void compact() {
        alarms.refuseChange();
    }

    void leaseGrant() {
        alarms.refuseGrowth();
    }

    void leaseRevoke(long id) {
        alarms.refuseChange();
    }

    /** Changes of the members. */
    void administer() {}

    /** Looking into the member. */
    void maintain() {}

    /** Anybody, but nobody with a token that is not valid. */
    void authenticated() {}
}

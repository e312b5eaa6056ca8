package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.ResponseHeader;
import org.etcdjakarta.embedded.store.Store;

/** The header of every answer: who answered, and at which revision. */
public final class Headers {

    /** A cluster of one member that has been its leader since the first term after the start. */
    private static final long RAFT_TERM = 2;

    private final Store store;
    private final long clusterId;
    private final long memberId;

    public Headers(Store store, long clusterId, long memberId) {
        this.store = store;
        this.clusterId = clusterId;
        this.memberId = memberId;
    }

    ResponseHeader now() {
        return at(store.keyspace().current().number());
    }

    ResponseHeader at(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setMemberId(memberId)
                .setRevision(revision)
                .setRaftTerm(RAFT_TERM)
                .build();
    }

    ResponseHeader complete(ResponseHeader header) {
        return at(header.getRevision());
    }

    long memberId() {
        return memberId;
    }
}

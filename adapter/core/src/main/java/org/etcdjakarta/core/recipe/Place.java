package org.etcdjakarta.core.recipe;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.KeyValue;

/**
 * One attempt to stand in a queue: a key on a lease. It belongs to one thread at a time, in the end to the one that takes the key
 * away.
 */
final class Place {

    private final long leaseId;
    private final ByteString key;
    private final ByteString put;
    private ByteString value;

    /** Create revision of the key; 0 when it is not known to exist. */
    private long token;

    private boolean first;

    /** A put without an answer may still be under way until then. */
    private long doubtUntil;

    private boolean doubtful;

    Place(long leaseId, ByteString key, ByteString value) {
        this.leaseId = leaseId;
        this.key = key;
        this.put = value;
        this.value = value;
    }

    long leaseId() {
        return leaseId;
    }

    /** Physical. */
    ByteString key() {
        return key;
    }

    /** As it is at etcd: what was put, or what the key had already. */
    ByteString value() {
        return value;
    }

    long token() {
        return token;
    }

    boolean isQueued() {
        return token != 0;
    }

    /** Nobody stands before it: none that comes later ever will. */
    boolean isFirst() {
        return first;
    }

    /** The key exists. */
    void queued(KeyValue own, boolean isFirst) {
        token = own.getCreateRevision();
        value = own.getValue();
        first = isFirst;
    }

    void queued(long createRevision, boolean isFirst) {
        token = createRevision;
        first = isFirst;
    }

    void becomesFirst() {
        first = true;
    }

    /** Somebody else has deleted the key. */
    void gone() {
        token = 0;
        first = false;
    }

    /** A put is sent. */
    void beginDoubt(long until) {
        doubtful = true;
        doubtUntil = until;
    }

    /** No put is under way. */
    void endDoubt() {
        doubtful = false;
    }

    boolean isDoubtful() {
        return doubtful && System.nanoTime() - doubtUntil < 0;
    }

    /** Holds as long as the key is that of this attempt. */
    Compare ownership() {
        return token != 0 ? Requests.created(key, token) : written();
    }

    /** Holds for whatever a put of this attempt has written. */
    Compare written() {
        return Compare.newBuilder()
                .setKey(key)
                .setTarget(CompareTarget.VALUE)
                .setResult(CompareResult.EQUAL)
                .setValue(put)
                .build();
    }
}

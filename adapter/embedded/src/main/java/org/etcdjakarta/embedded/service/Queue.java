package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Revision;
import org.etcdjakarta.embedded.store.Store;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * What Lock and Election are made of: a key for each lease that wants it, below the name; the oldest is the holder's, and who
 * comes later waits until all older keys are gone. Clients that do the same with Txns and watches stand in the same queue.
 */
final class Queue {

    /** What etcd grants to a caller who names no lease. */
    private static final long SESSION_TTL = 60;

    private final Store store;
    private final Admission admission;

    Queue(Store store, Admission admission) {
        this.store = store;
        this.admission = admission;
    }

    /** The lease of a place: the given one, which is kept alive by that, or a new one for 0. */
    long session(long lease) {
        if (lease != 0) {
            var unused = store.keepAlive(lease);
            return lease;
        }
        admission.leaseGrant();
        return Objects.requireNonNull(store.grant(0, SESSION_TTL)).id();
    }

    /** Takes a place, or finds the one that this lease has already. */
    Place join(ByteString name, long lease, ByteString value) {
        KeyRange range = below(name);
        ByteString key = range.key().concat(ByteString.copyFromUtf8(hex(lease)));
        TxnResponse answer = txn(TxnRequest.newBuilder()
                .addCompare(created(key, 0))
                .addSuccess(put(key, value, lease))
                .addSuccess(get(range.key(), range.end()))
                .addFailure(get(key, ByteString.EMPTY))
                .addFailure(get(range.key(), range.end()))
                .build());
        long revision = answer.getHeader().getRevision();
        if (answer.getSucceeded()) {
            return new Place(range, key, revision, revision, null);
        }
        KeyValue found = answer.getResponses(0).getResponseRange().getKvs(0);
        return new Place(range, key, found.getCreateRevision(), revision, found);
    }

    /** Everything below a name. */
    static KeyRange below(ByteString name) {
        return new KeyRange(name.concat(ByteString.copyFromUtf8("/")), name.concat(ByteString.copyFromUtf8("0")));
    }

    /** As Go prints a number, so that keys are etcd's for every lease. */
    private static String hex(long lease) {
        return lease < 0 ? "-" + Long.toHexString(-lease) : Long.toHexString(lease);
    }

    /** The holder's key. */
    static Optional<KeyValue> oldest(KeyRange range, TreePMap<ByteString, KeyValue> keys) {
        return range.of(keys).values().stream().min(Comparator.comparingLong(KeyValue::getCreateRevision));
    }

    /** Only while the key is the one that was created then. */
    TxnResponse ifStill(ByteString key, long created, RequestOp operation) {
        return txn(TxnRequest.newBuilder()
                .addCompare(created(key, created))
                .addSuccess(operation)
                .build());
    }

    /** One transaction of the store, with etcd's checks of it. */
    private TxnResponse txn(TxnRequest request) {
        RequestChecks.txn(request);
        return store.write(draft -> {
            admission.txn(request);
            return new Operations(store, draft).txn(request);
        });
    }

    /** Gives a place up, whoever asks: its caller is gone. */
    void leave(Place place) {
        store.write(draft -> {
            KeyValue kv = draft.get(place.key());
            return kv != null && kv.getCreateRevision() == place.created()
                    ? draft.delete(new KeyRange(place.key(), ByteString.EMPTY))
                    : List.of();
        });
    }

    /** Calls back under the store's lock, with the first revision in which nobody is before the place; at once if that is now. */
    Turn await(Place place, Consumer<Revision> then) {
        return store.exclusively(() -> {
            Turn turn = new Turn(place, then);
            store.listen(turn);
            turn.accept(store.keyspace().current());
            return turn;
        });
    }

    private static Compare created(ByteString key, long revision) {
        return Compare.newBuilder()
                .setKey(key)
                .setTarget(Compare.CompareTarget.CREATE)
                .setCreateRevision(revision)
                .build();
    }

    static RequestOp put(ByteString key, ByteString value, long lease) {
        return RequestOp.newBuilder()
                .setRequestPut(
                        PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
                .build();
    }

    private static RequestOp get(ByteString key, ByteString end) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key).setRangeEnd(end))
                .build();
    }

    /**
     * Somebody's key in the queue.
     *
     * @param created the revision that created the key: the place
     * @param joined the revision in which it was asked for
     * @param found the key as it was when it was there already
     */
    record Place(KeyRange range, ByteString key, long created, long joined, @Nullable KeyValue found) {

        private boolean isFirst(Revision revision) {
            return oldest(range, revision.keys())
                    .map(kv -> kv.getCreateRevision() >= created)
                    .orElse(true);
        }
    }

    /** Waits for a place to be the first. */
    final class Turn implements Consumer<Revision> {

        private final Place place;
        private final Consumer<Revision> then;
        private boolean over;

        private Turn(Place place, Consumer<Revision> then) {
            this.place = place;
            this.then = then;
        }

        @Override
        public void accept(Revision revision) {
            if (!over && place.isFirst(revision)) {
                end();
                then.accept(revision);
            }
        }

        /** Its caller is gone: does not wait any longer, and nobody waits for it. */
        void abandon() {
            store.tidy(() -> {
                if (!over) {
                    end();
                    leave(place);
                }
            });
        }

        private void end() {
            over = true;
            store.forget(this);
        }
    }
}

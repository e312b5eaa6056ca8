package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction brings to etcd: each key at most once, as etcd demands of a Txn.
 *
 * @param r0 revision of the snapshot, 0 when nothing was read
 */
record Changes(long r0, Guards guards, NavigableMap<ByteString, Write> writes) {

    boolean isReadOnly() {
        return writes.isEmpty();
    }

    List<RequestOp> operations() {
        List<RequestOp> operations = new ArrayList<>(writes.size());
        writes.forEach((key, write) -> operations.add(operation(key, write)));
        return operations;
    }

    /** The guards with their else branch; the success branch is empty yet. */
    TxnRequest.Builder guarded() {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        List<Guards.Guard> all = guards.ofFences();
        all.addAll(guards.ofReads(r0));
        all.forEach(guard -> txn.addCompare(guard.compare()).addFailure(guard.look()));
        return txn;
    }

    /** The first key written with a lease, or null. */
    @Nullable
    ByteString leased() {
        return writes.entrySet().stream()
                .filter(write -> write.getValue() instanceof Write.Put put && put.lease() != 0)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    static RequestOp operation(ByteString key, Write write) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        if (write instanceof Write.Put put) {
            operation.setRequestPut(
                    PutRequest.newBuilder().setKey(key).setValue(put.value()).setLease(put.lease()));
        } else {
            operation.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key));
        }
        return operation.build();
    }
}

package org.etcdjakarta.core.link;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.options.OptionsUtil;
import java.util.Optional;
import org.etcdjakarta.EtcdCompare;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdOptions;

/**
 * Operations into etcd's messages, with the namespace before every key. The end of all keys becomes the end of the namespace,
 * and the empty key, which etcd refuses, the first one where it begins a range, as Go's client has it.
 */
final class KvRequests {

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private final ByteString namespace;
    private final ByteString namespaceEnd;

    KvRequests(ByteSequence namespace) {
        this.namespace = bytes(namespace);
        this.namespaceEnd = bytes(EtcdOptions.prefixEnd(namespace));
    }

    RangeRequest range(EtcdOp.Get get) {
        var option = get.option();
        ByteString end = end(get.rangeEnd());
        return RangeRequest.newBuilder()
                .setKey(first(get.key(), end))
                .setRangeEnd(end)
                .setLimit(option.getLimit())
                .setRevision(option.getRevision())
                .setSortOrder(OptionsUtil.toRangeRequestSortOrder(option.getSortOrder()))
                .setSortTarget(OptionsUtil.toRangeRequestSortTarget(option.getSortField()))
                .setSerializable(option.isSerializable())
                .setKeysOnly(option.isKeysOnly())
                .setCountOnly(option.isCountOnly())
                .setMinModRevision(option.getMinModRevision())
                .setMaxModRevision(option.getMaxModRevision())
                .setMinCreateRevision(option.getMinCreateRevision())
                .setMaxCreateRevision(option.getMaxCreateRevision())
                .build();
    }

    PutRequest put(EtcdOp.Put put) {
        return PutRequest.newBuilder()
                .setKey(key(put.key()))
                .setValue(bytes(put.value()))
                .setLease(put.option().getLeaseId())
                .setPrevKv(put.option().getPrevKV())
                .setIgnoreValue(put.ignoreValue())
                .setIgnoreLease(put.ignoreLease())
                .build();
    }

    DeleteRangeRequest delete(EtcdOp.Delete delete) {
        ByteString end = end(delete.rangeEnd());
        return DeleteRangeRequest.newBuilder()
                .setKey(first(delete.key(), end))
                .setRangeEnd(end)
                .setPrevKv(delete.option().isPrevKV())
                .build();
    }

    TxnRequest txn(EtcdOp.Txn txn) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        txn.compares().forEach(compare -> request.addCompare(compare(compare)));
        txn.success().forEach(op -> request.addSuccess(operation(op)));
        txn.failure().forEach(op -> request.addFailure(operation(op)));
        return request.build();
    }

    private RequestOp operation(EtcdOp op) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        if (op instanceof EtcdOp.Get get) {
            operation.setRequestRange(range(get));
        } else if (op instanceof EtcdOp.Put put) {
            operation.setRequestPut(put(put));
        } else if (op instanceof EtcdOp.Delete delete) {
            operation.setRequestDeleteRange(delete(delete));
        } else if (op instanceof EtcdOp.Txn txn) {
            operation.setRequestTxn(txn(txn));
        }
        return operation.build();
    }

    private Compare compare(EtcdCompare compare) {
        ByteString end = end(compare.rangeEnd());
        Compare.Builder message = Compare.newBuilder()
                .setKey(first(compare.key(), end))
                .setRangeEnd(end)
                .setResult(
                        switch (compare.op()) {
                            case EQUAL -> CompareResult.EQUAL;
                            case GREATER -> CompareResult.GREATER;
                            case LESS -> CompareResult.LESS;
                            case NOT_EQUAL -> CompareResult.NOT_EQUAL;
                        });
        switch (compare.target()) {
            case VERSION -> message.setTarget(CompareTarget.VERSION).setVersion(compare.number());
            case CREATE_REVISION -> message.setTarget(CompareTarget.CREATE).setCreateRevision(compare.number());
            case MOD_REVISION -> message.setTarget(CompareTarget.MOD).setModRevision(compare.number());
            case VALUE ->
                message.setTarget(CompareTarget.VALUE)
                        .setValue(bytes(compare.value().orElse(ByteSequence.EMPTY)));
            case LEASE -> LeaseCompare.set(message, compare.number());
        }
        return message.build();
    }

    private ByteString key(ByteSequence key) {
        return namespace.isEmpty() ? bytes(key) : namespace.concat(bytes(key));
    }

    private ByteString first(ByteSequence key, ByteString end) {
        ByteString first = key(key);
        return first.isEmpty() && !end.isEmpty() ? ZERO : first;
    }

    private ByteString end(Optional<ByteSequence> end) {
        if (end.isEmpty() || end.get().isEmpty()) {
            return ByteString.EMPTY;
        }
        ByteString bytes = bytes(end.get());
        return bytes.equals(ZERO) ? namespaceEnd : namespace.concat(bytes);
    }

    /** getBytes has copied them already. */
    private static ByteString bytes(ByteSequence bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes.getBytes());
    }
}

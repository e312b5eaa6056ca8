package org.etcdjakarta;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.op.TxnImpl;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * jetcd's {@link Cmp} and {@link Op} into ours. They have no accessors, but jetcd's own Txn puts them into a message, which has;
 * the Txn is never sent.
 */
final class JetcdTranslation {

    private JetcdTranslation() {}

    static EtcdCompare compare(Cmp compare) {
        TxnRequest request = request(txn -> txn.If(compare));
        return compare(request.getCompare(0));
    }

    static EtcdOp operation(Op op) {
        TxnRequest request = request(txn -> txn.Then(op));
        return operation(request.getSuccess(0));
    }

    private interface Step {
        TxnImpl in(TxnImpl txn);
    }

    private static TxnRequest request(Step step) {
        List<TxnRequest> made = new ArrayList<>(1);
        TxnImpl txn = TxnImpl.newTxn(
                request -> {
                    made.add(request);
                    return new CompletableFuture<>();
                },
                ByteSequence.EMPTY);
        var unused = step.in(txn).commit();
        return made.get(0);
    }

    private static EtcdCompare compare(Compare compare) {
        ByteSequence key = bytes(compare.getKey());
        Cmp.Op op =
                switch (compare.getResult()) {
                    case EQUAL -> Cmp.Op.EQUAL;
                    case GREATER -> Cmp.Op.GREATER;
                    case LESS -> Cmp.Op.LESS;
                    case NOT_EQUAL -> Cmp.Op.NOT_EQUAL;
                    case UNRECOGNIZED ->
                        throw new IllegalArgumentException("unknown relation of a compare: " + compare);
                };
        return switch (compare.getTarget()) {
            case VERSION -> EtcdCompare.version(key, op, compare.getVersion());
            case CREATE -> EtcdCompare.createRevision(key, op, compare.getCreateRevision());
            case MOD -> EtcdCompare.modRevision(key, op, compare.getModRevision());
            case VALUE -> EtcdCompare.value(key, op, bytes(compare.getValue()));
            case UNRECOGNIZED -> throw new IllegalArgumentException("unknown target of a compare: " + compare);
        };
    }

    private static EtcdOp operation(RequestOp operation) {
        return switch (operation.getRequestCase()) {
            case REQUEST_RANGE -> get(operation.getRequestRange());
            case REQUEST_PUT -> put(operation.getRequestPut());
            case REQUEST_DELETE_RANGE -> delete(operation.getRequestDeleteRange());
            case REQUEST_TXN ->
                EtcdOp.txn(
                        operation.getRequestTxn().getCompareList().stream()
                                .map(JetcdTranslation::compare)
                                .toList(),
                        operations(operation.getRequestTxn().getSuccessList()),
                        operations(operation.getRequestTxn().getFailureList()));
            case REQUEST_NOT_SET -> throw new IllegalArgumentException("an operation of an unknown kind: " + operation);
        };
    }

    private static List<EtcdOp> operations(List<RequestOp> operations) {
        return operations.stream().map(JetcdTranslation::operation).toList();
    }

    private static EtcdOp get(RangeRequest range) {
        GetOption.Builder option = GetOption.builder()
                .withLimit(range.getLimit())
                .withRevision(range.getRevision())
                .withSortOrder(GetOption.SortOrder.valueOf(range.getSortOrder().name()))
                .withSortField(
                        GetOption.SortTarget.valueOf(range.getSortTarget().name()))
                .withSerializable(range.getSerializable())
                .withKeysOnly(range.getKeysOnly())
                .withCountOnly(range.getCountOnly())
                .withMinModRevision(range.getMinModRevision())
                .withMaxModRevision(range.getMaxModRevision())
                .withMinCreateRevision(range.getMinCreateRevision())
                .withMaxCreateRevision(range.getMaxCreateRevision());
        if (!range.getRangeEnd().isEmpty()) {
            option.withRange(bytes(range.getRangeEnd()));
        }
        return EtcdOp.get(bytes(range.getKey()), option.build());
    }

    private static EtcdOp put(PutRequest put) {
        PutOption.Builder option = PutOption.builder().withLeaseId(put.getLease());
        if (put.getPrevKv()) {
            option.withPrevKV();
        }
        return EtcdOp.put(bytes(put.getKey()), bytes(put.getValue()), option.build());
    }

    private static EtcdOp delete(DeleteRangeRequest delete) {
        DeleteOption.Builder option = DeleteOption.builder().withPrevKV(delete.getPrevKv());
        if (!delete.getRangeEnd().isEmpty()) {
            option.withRange(bytes(delete.getRangeEnd()));
        }
        return EtcdOp.delete(bytes(delete.getKey()), option.build());
    }

    private static ByteSequence bytes(ByteString bytes) {
        return ByteSequence.from(bytes);
    }
}

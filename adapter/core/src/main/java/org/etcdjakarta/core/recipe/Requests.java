package org.etcdjakarta.core.recipe;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeRequest.SortTarget;
import io.etcd.jetcd.api.RequestOp;

/** Parts of the recipes' Txns. */
final class Requests {

    private Requests() {}

    static RequestOp put(ByteString key, ByteString value, long leaseId) {
        return RequestOp.newBuilder()
                .setRequestPut(
                        PutRequest.newBuilder().setKey(key).setValue(value).setLease(leaseId))
                .build();
    }

    static RequestOp get(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key))
                .build();
    }

    static RequestOp delete(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                .build();
    }

    /** The one that was created first. */
    static RequestOp first(ByteString prefix, ByteString end) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder()
                        .setKey(prefix)
                        .setRangeEnd(end)
                        .setSortTarget(SortTarget.CREATE)
                        .setSortOrder(SortOrder.ASCEND)
                        .setLimit(1))
                .build();
    }

    /** The last one that was created before the token. */
    static RequestOp before(ByteString prefix, ByteString end, long token) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder()
                        .setKey(prefix)
                        .setRangeEnd(end)
                        .setMaxCreateRevision(token - 1)
                        .setSortTarget(SortTarget.CREATE)
                        .setSortOrder(SortOrder.DESCEND)
                        .setLimit(1)
                        .setKeysOnly(true))
                .build();
    }

    static Compare created(ByteString key, long revision) {
        return Compare.newBuilder()
                .setKey(key)
                .setTarget(CompareTarget.CREATE)
                .setResult(CompareResult.EQUAL)
                .setCreateRevision(revision)
                .build();
    }

    static Compare modified(ByteString key, long revision) {
        return Compare.newBuilder()
                .setKey(key)
                .setTarget(CompareTarget.MOD)
                .setResult(CompareResult.EQUAL)
                .setModRevision(revision)
                .build();
    }

    /** No key exists in the range: each one that did would have been created at another revision than 0. */
    static Compare empty(ByteString prefix, ByteString end) {
        return created(prefix, 0).toBuilder().setRangeEnd(end).build();
    }
}

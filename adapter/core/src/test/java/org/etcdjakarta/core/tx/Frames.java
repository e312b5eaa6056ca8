package org.etcdjakarta.core.tx;

import static org.etcdjakarta.core.tx.Requests.bytes;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import java.util.List;

/** Frames as wide as the protocol's, over keys of their own. */
final class Frames {

    static final String SLOT = "/r/o/slot";
    static final String INTENTS = "/r/i/";
    static final String RECORD = "/r/p/xid";

    /** Holds as long as nothing of it is there. */
    static final Frame ONE_PHASE =
            new Frame(List.of(absent(SLOT), noIntents()), List.of(put(SLOT)), List.of(get(SLOT), intents()));

    /** Holds as long as nothing of it is there. */
    static final Frame PREPARE = new Frame(
            List.of(absent(SLOT), absent(RECORD)),
            List.of(put(SLOT), intents(), put(INTENTS + "xid"), put(RECORD)),
            List.of(get(SLOT), get(RECORD)));

    /** Holds after prepare. */
    static final Frame COMPLETION = new Frame(
            List.of(absent(RECORD).toBuilder().setResult(CompareResult.GREATER).build()),
            List.of(delete(RECORD), delete(INTENTS + "xid")),
            List.of(get(RECORD)));

    private Frames() {}

    private static Compare absent(String key) {
        return Compare.newBuilder()
                .setKey(bytes(key))
                .setTarget(CompareTarget.CREATE)
                .setResult(CompareResult.EQUAL)
                .build();
    }

    private static RequestOp intents() {
        return RequestOp.newBuilder().setRequestRange(Requests.prefix(INTENTS)).build();
    }

    private static Compare noIntents() {
        RangeRequest.Builder intents = Requests.prefix(INTENTS);
        return Compare.newBuilder()
                .setKey(intents.getKey())
                .setRangeEnd(intents.getRangeEnd())
                .setTarget(CompareTarget.MOD)
                .setResult(CompareResult.LESS)
                .setModRevision(1)
                .build();
    }

    private static RequestOp put(String key) {
        return RequestOp.newBuilder()
                .setRequestPut(
                        PutRequest.newBuilder().setKey(bytes(key)).setValue(ByteString.copyFromUtf8("of the protocol")))
                .build();
    }

    private static RequestOp delete(String key) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)))
                .build();
    }

    private static RequestOp get(String key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(bytes(key)))
                .build();
    }
}

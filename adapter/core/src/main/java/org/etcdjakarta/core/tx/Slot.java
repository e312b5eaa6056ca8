package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key that one commit or prepare at a time puts anew, if it is as it was last seen. So those of one slot form a chain, and a
 * Txn whose answer was lost can be kept out for good by putting the slot before it does.
 *
 * <p>The key is there before its first use, since a Txn that demanded its absence could be applied after the slot has been
 * deleted. Its value is text for whoever looks at it with etcdctl: {@code done 17 2026-11-29T15:02:41Z} says that the Txn 17
 * was applied.
 *
 * @param seen mod revision of the key after its last use
 */
record Slot(ByteString key, long seen) {

    /** What became of the slot's last user. */
    enum State {
        UNUSED,
        DONE,
        /** Never applied, whenever it arrives. */
        FENCED
    }

    /** The value of the key. */
    record Value(State state, String id, Instant time) {

        ByteString encode() {
            return ByteString.copyFromUtf8(state.name().toLowerCase(Locale.ROOT) + " " + id + " " + time);
        }

        /** Null when it is not one of ours. */
        static @Nullable Value decode(ByteString value) {
            String[] words = value.toStringUtf8().split(" ", -1);
            try {
                return words.length == 3
                        ? new Value(State.valueOf(words[0].toUpperCase(Locale.ROOT)), words[1], Instant.parse(words[2]))
                        : null;
            } catch (RuntimeException notOurs) {
                return null;
            }
        }

        boolean is(State state, String id) {
            return this.state == state && this.id.equals(id);
        }
    }

    Compare unchanged() {
        return Compare.newBuilder()
                .setKey(key)
                .setTarget(CompareTarget.MOD)
                .setResult(CompareResult.EQUAL)
                .setModRevision(seen)
                .build();
    }

    RequestOp put(Value value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value.encode()))
                .build();
    }

    RequestOp delete() {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                .build();
    }

    RequestOp get() {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key))
                .build();
    }

    Slot seenAt(long revision) {
        return new Slot(key, revision);
    }

    @Override
    public String toString() {
        return key.toStringUtf8();
    }
}

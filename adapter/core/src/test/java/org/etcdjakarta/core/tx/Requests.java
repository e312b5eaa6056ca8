package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etcdjakarta.core.link.KvProtocol;

/** Short words for etcd's messages. */
final class Requests {

    private Requests() {}

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static RangeRequest.Builder prefix(String prefix) {
        KeyRange range = KeyRange.prefix(bytes(prefix));
        return RangeRequest.newBuilder().setKey(range.from()).setRangeEnd(range.rangeEnd());
    }

    static String get(KvProtocol kv, String key) {
        RangeResponse answer =
                done(kv.range(RangeRequest.newBuilder().setKey(bytes(key)).build()));
        return answer.getKvsCount() == 0
                ? "(absent)"
                : answer.getKvs(0).getValue().toStringUtf8();
    }

    static List<String> keys(KvProtocol kv, RangeRequest.Builder range) {
        return done(kv.range(range.build())).getKvsList().stream()
                .map(KeyValue::getKey)
                .map(ByteString::toStringUtf8)
                .toList();
    }

    static void put(KvProtocol kv, String key, String value) {
        done(kv.put(put(key, value).build()));
    }

    static PutRequest.Builder put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value));
    }

    static long delete(KvProtocol kv, String key) {
        return done(kv.deleteRange(
                        DeleteRangeRequest.newBuilder().setKey(bytes(key)).build()))
                .getDeleted();
    }

    /** The answer of a call that is complete already. */
    static <T> T done(CompletableFuture<T> call) {
        if (!call.isDone()) {
            throw new AssertionError("the call is not complete");
        }
        try {
            return call.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}

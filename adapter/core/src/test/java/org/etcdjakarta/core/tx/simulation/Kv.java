package org.etcdjakarta.core.tx.simulation;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;

/** Short words for what the workload does. */
final class Kv {

    private Kv() {}

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static PutRequest put(String key, int value) {
        return PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes(String.valueOf(value)))
                .build();
    }

    /** One without a value, and with revision 0, when there is none. */
    static KeyValue get(KvProtocol kv, String key) {
        return answer(kv.range(RangeRequest.newBuilder().setKey(bytes(key)).build())).getKvsList().stream()
                .findFirst()
                .orElse(KeyValue.newBuilder().setKey(bytes(key)).build());
    }

    static List<KeyValue> prefix(KvProtocol kv, String prefix) {
        ByteString end =
                bytes(prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1));
        return answer(kv.range(RangeRequest.newBuilder()
                        .setKey(bytes(prefix))
                        .setRangeEnd(end)
                        .build()))
                .getKvsList();
    }

    static int number(KeyValue kv) {
        return kv.getValue().isEmpty() ? 0 : Integer.parseInt(kv.getValue().toStringUtf8());
    }

    /** EtcdException when the call has failed. */
    static <T> T answer(CompletableFuture<T> call) {
        Fiber.current().requireAlive();
        if (!call.isDone()) {
            Fiber.current().await(call);
        }
        try {
            return call.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EtcdException failure) {
                throw failure;
            }
            throw e;
        }
    }
}

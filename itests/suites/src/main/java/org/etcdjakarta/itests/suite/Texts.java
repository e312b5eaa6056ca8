package org.etcdjakarta.itests.suite;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import java.util.Optional;

/** jetcd's interface with texts for keys and values. Every call is complete when it returns. */
final class Texts {

    private Texts() {}

    static void put(KV kv, String key, String value) {
        kv.put(bytes(key), bytes(value)).join();
    }

    static Optional<String> get(KV kv, String key) {
        return kv.get(bytes(key)).join().getKvs().stream()
                .map(found -> text(found.getValue()))
                .findFirst();
    }

    static void delete(KV kv, String key) {
        kv.delete(bytes(key)).join();
    }

    static String text(ByteSequence bytes) {
        return bytes.toString(UTF_8);
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}

package org.etcdjakarta.sample;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The keys as text, over the injected {@link KV}: inside a transaction every call is part of it, outside each call is its
 * own.
 */
@ApplicationScoped
public class Keys {

    private final KV kv;

    /** For the container's proxy only. */
    @SuppressWarnings("NullAway")
    protected Keys() {
        this.kv = null;
    }

    @Inject
    Keys(KV kv) {
        this.kv = kv;
    }

    /** The first {@code limit} keys below the prefix in order, and how many there are. */
    Listing list(String prefix, int limit) {
        GetResponse response = await(kv.get(
                bytes(prefix),
                GetOption.builder().isPrefix(true).withLimit(limit).build()));
        return new Listing(
                response.getKvs().stream().map(Keys::entry).toList(),
                response.getCount(),
                response.getHeader().getRevision());
    }

    boolean exists(String key) {
        return await(kv.get(bytes(key))).getCount() > 0;
    }

    void put(String key, String value) {
        await(kv.put(bytes(key), bytes(value)));
    }

    /** Deletes a key; false when there was none. */
    boolean delete(String key) {
        return await(kv.delete(bytes(key))).getDeleted() > 0;
    }

    private static Entry entry(KeyValue keyValue) {
        return new Entry(
                keyValue.getKey().toString(StandardCharsets.UTF_8),
                keyValue.getValue().toString(StandardCharsets.UTF_8),
                keyValue.getModRevision(),
                keyValue.getVersion());
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    /** The adapter ends every call within its request timeout, so no timeout is needed here. */
    static <T> T await(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            // the adapter's own exception carries the message for the user
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    record Listing(List<Entry> entries, long count, long revision) {}

    record Entry(String key, String value, long revision, long version) {}
}

package org.etcdjakarta.core.range;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads the pages of {@link KvPages}. */
public interface PageSource {

    /**
     * What the first page found, and the others stand on.
     *
     * @param revision of the first page
     * @param transaction whose snapshot it came from; null when it came from etcd
     */
    record Origin(long revision, @Nullable Object transaction) {}

    /**
     * One page.
     *
     * @param bytes its size on the wire
     */
    record Page(GetResponse response, long bytes, Origin origin) {}

    /**
     * One get.
     *
     * @param origin of the first page, null for the first page itself
     */
    CompletableFuture<Page> page(ByteSequence key, GetOption option, @Nullable Origin origin);
}

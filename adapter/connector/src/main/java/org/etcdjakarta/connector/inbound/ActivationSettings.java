package org.etcdjakarta.connector.inbound;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TxSettings;
import org.etcdjakarta.core.watch.WatchSpec;
import org.jspecify.annotations.Nullable;

/**
 * What an activation specification asks for, checked.
 *
 * @param link of the watch
 * @param tx of the transactions in which checkpoints are written
 * @param watched a key or a prefix, without the namespace
 * @param prefix true when it is a prefix
 * @param startRevision where delivery begins when there is no checkpoint; 0 for "from now"
 * @param puts deliver puts
 * @param deletes deliver deletes
 * @param prevValue deliver the values before
 * @param durableName of the checkpoint; null for none
 * @param singleton one node at a time delivers; only with a durable name
 * @param concurrency how many deliveries run at a time, those of one key one after the other; 1 or more
 * @param maxRedeliveries after the first delivery; -1 for no limit, else there is a dead-letter prefix
 * @param redeliveryDelay before the first redelivery; doubled from one to the next, up to a minute
 * @param deadLetterPrefix where batches go that are not delivered any more; null for none
 */
public record ActivationSettings(
        EtcdLinkConfig link,
        TxSettings tx,
        String watched,
        boolean prefix,
        long startRevision,
        boolean puts,
        boolean deletes,
        boolean prevValue,
        @Nullable String durableName,
        boolean singleton,
        int concurrency,
        int maxRedeliveries,
        Duration redeliveryDelay,
        @Nullable String deadLetterPrefix) {

    /** @param from 0 for "from now" */
    WatchSpec watch(long from) {
        ByteSequence key = ByteSequence.from(watched, StandardCharsets.UTF_8);
        WatchSpec all =
                (prefix ? WatchSpec.prefix(key) : WatchSpec.key(key)).from(from).only(puts, deletes);
        return prevValue ? all.withPrevKv() : all;
    }

    /** As etcd knows it, namespace included; a checkpoint belongs to it. */
    String range() {
        return (prefix ? "prefix " : "key ") + link.namespace() + watched;
    }

    /** Without the namespace: elections are held among the adapter's own records. */
    EtcdLinkConfig coordination() {
        return link.toBuilder().namespace(null).build();
    }

    String endpoints() {
        return String.join(",", link.endpoints());
    }

    boolean isDurable() {
        return durableName != null;
    }

    /** For messages. */
    @Override
    public String toString() {
        return range() + (durableName == null ? "" : " as " + durableName) + " at " + endpoints();
    }
}

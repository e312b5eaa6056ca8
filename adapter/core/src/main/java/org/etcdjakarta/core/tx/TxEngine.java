package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/**
 * All branches of one cluster as this process knows them. Engines of equal link configuration and settings share their
 * branches, so that a branch can be joined from another managed connection.
 *
 * <p><b>What a transaction promises.</b> Its writes are applied at one revision or not at all, and at
 * {@link Isolation#SERIALIZABLE} only if everything it has read is still so at that revision. From prepare to commit of a two-phase branch, nobody who writes
 * through an engine, in a transaction or outside, changes what the branch has read or will write: it would have to wait, and is
 * refused after two seconds. So all transactions take effect one after the other, each at the revision of its commit, one that has
 * written nothing at the revision that it has read: strict serializability, of etcd alone. A transaction of several resources that
 * only reads here holds nothing until the others have committed. Writers that do not use an engine are not held off.
 *
 * <p><b>Who commits knows what became of it.</b> An answer that is lost is found out; only when etcd stays away for the settling
 * time is a caller told that it is in doubt.
 */
public final class TxEngine implements AutoCloseable {

    private final SharedEngine shared;
    private final AtomicBoolean closed = new AtomicBoolean();

    private TxEngine(SharedEngine shared) {
        this.shared = shared;
    }

    /** Takes a reference on the engine (and on its link); does not wait for etcd. Each open() has its own close(). */
    public static TxEngine open(EtcdLinkConfig link, TxSettings settings) {
        return new TxEngine(SharedEngine.acquire(link, settings));
    }

    /** Over any links, with branches of its own. */
    static TxEngine over(Links links, TxSettings settings) {
        return new TxEngine(SharedEngine.over(links, settings));
    }

    /** One for each managed connection; no thread, no network. IllegalStateException when the engine is closed. */
    public TxSession newSession() {
        if (closed.get()) {
            throw new IllegalStateException("the engine is closed");
        }
        return new TxSession(shared);
    }

    /**
     * Reads a record of the adapter's own, linearizably, within the request timeout.
     *
     * @param name below the reserved prefix, such as {@code c/orders/0}
     * @return {@link OwnRecord#ABSENT} when there is none
     * @throws org.etcdjakarta.EtcdException etcd does not answer, or refuses
     */
    public OwnRecord readOwn(String name) {
        return shared.withKv(kv -> {
            RangeRequest request =
                    KeyRange.single(shared.keys().own(name)).request().build();
            return Await.answer(kv.range(request)).getKvsList().stream()
                    .findFirst()
                    .map(OwnRecord::of)
                    .orElse(OwnRecord.ABSENT);
        });
    }

    /**
     * Reads all records whose names begin so, as of one revision; otherwise as {@link #readOwn}.
     *
     * @return by what follows the prefix in their names
     */
    public Map<String, OwnRecord> listOwn(String prefix) {
        ByteString from = shared.keys().own(prefix);
        Map<String, OwnRecord> found = new TreeMap<>();
        shared.withKv(kv ->
                        Await.answer(kv.range(KeyRange.prefix(from).request().build())))
                .getKvsList()
                .forEach(kv -> found.put(kv.getKey().substring(from.size()).toStringUtf8(), OwnRecord.of(kv)));
        return found;
    }

    /** Of all branches of the cluster; works as long as the engine is open. */
    public TransactionAdmin admin() {
        return new TransactionAdmin(shared);
    }

    /** Idempotent. Branches that are prepared stay in etcd; XA resources of its sessions can still complete them. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            shared.release();
        }
    }
}

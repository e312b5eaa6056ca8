package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.Compare;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * What all engines of equal configuration share: one link, and the branches of this process by their xid, since a branch may
 * be joined, prepared and committed on another managed connection than the one it was started on.
 *
 * <p>It outlives its last engine in the hands of the XA resources that were made from it: the link is gone then, and is opened
 * again for the time of a call. WildFly commits recovered branches on the resource of a connection that it has destroyed.
 */
final class SharedEngine {

    private record Key(EtcdLinkConfig link, TxSettings settings) {}

    private static final Map<Key, SharedEngine> OPEN = new HashMap<>();

    private final @Nullable Key key;
    private final Links links;
    private final TxSettings settings;
    private final ReservedKeys reserved;
    private final String linkId = UUID.randomUUID().toString();
    private final Map<BranchXid, Branch> branches = new ConcurrentHashMap<>();
    private final Links.Borrowed own;
    private int references;

    /** @param key null when it is not to be shared */
    private SharedEngine(@Nullable Key key, Links links, TxSettings settings) {
        this.key = key;
        this.links = links;
        this.settings = settings;
        this.reserved = new ReservedKeys(settings.reservedPrefix());
        this.own = links.borrow();
    }

    static SharedEngine acquire(EtcdLinkConfig link, TxSettings settings) {
        Key key = new Key(link, settings);
        synchronized (OPEN) {
            SharedEngine engine = OPEN.get(key);
            if (engine == null) {
                engine = new SharedEngine(key, Links.of(link, settings.reservedPrefix()), settings);
                OPEN.put(key, engine);
            }
            engine.references++;
            return engine;
        }
    }

    /** Not shared with anybody, over any links. */
    static SharedEngine over(Links links, TxSettings settings) {
        SharedEngine engine = new SharedEngine(null, links, settings);
        engine.references = 1;
        return engine;
    }

    void release() {
        synchronized (OPEN) {
            references--;
            if (references > 0) {
                return;
            }
            if (key != null) {
                OPEN.remove(key);
            }
        }
        own.close();
    }

    /** The link's own KV without the reserved keys. */
    KvProtocol autocommit() {
        return new FilteredKv(own.kv(), reserved);
    }

    Workspace newWorkspace(Limits limits, Deadline deadline) {
        return new Workspace(own.kv(), reserved, limits, deadline, new TxLeases(links::revoke));
    }

    /** Runs a step of a protocol, also when the engine is closed. */
    <T> T withKv(Function<KvProtocol, T> step) {
        try (Links.Borrowed link = links.borrow()) {
            return step.apply(link.kv());
        }
    }

    /** What a write of the current thread has to be compared with. */
    List<Compare> fences() {
        return key == null ? List.of() : Fences.ofCurrentThread(key.link());
    }

    Map<BranchXid, Branch> branches() {
        return branches;
    }

    TxSettings settings() {
        return settings;
    }

    String endpoint() {
        return links.endpoint();
    }

    /** Of this process and engine, in prepare records. */
    String linkId() {
        return linkId;
    }
}

package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.Compare;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.etcdjakarta.EtcdException;
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

    private static final System.Logger LOG = System.getLogger(SharedEngine.class.getName());

    /** Between looks at what is in doubt when nobody waits for it any more. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    /** When there is less to do than at the start. */
    private static final Duration UNTIL_SWEEP = Duration.ofMinutes(1);

    /** How long a prepare waits for it; it is there, but for the first time and after an outage. */
    private static final Duration PRESENCE = Duration.ofSeconds(10);

    private record Key(EtcdLinkConfig link, TxSettings settings) {}

    private static final Map<Key, SharedEngine> OPEN = new HashMap<>();

    /** Of engines that differ in their settings and are one resource manager all the same; guarded by OPEN. */
    private static final Map<RmIdentity, Shared> BRANCHES = new HashMap<>();

    private static final class Shared {
        private final Map<BranchXid, Branch> branches = new ConcurrentHashMap<>();
        private int engines;
    }

    /** Engines of one process, whose transaction manager is one. */
    private static final String PROCESS = Pace.REAL.newId();

    private final @Nullable Key key;
    private final Links links;
    private final TxSettings settings;
    private final ReservedKeys reserved;
    private final BranchKeys keys;
    private final Pace pace;
    private final String process;
    private final String linkId;
    private final TxnComposer composer;
    private final IntentGuard intents;
    private final Slots slots;
    private final IntentPlaces places;
    private final TxMetrics metrics = new TxMetrics();
    private final @Nullable RmIdentity identity;
    private final Map<BranchXid, Branch> branches;
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
    private final Set<BranchXid> leftToOthers = ConcurrentHashMap.newKeySet();
    private final Links.Borrowed own;
    private final @Nullable Presence presence;
    private volatile String node;
    private final AtomicBoolean nodeTold = new AtomicBoolean();
    private int references;
    private final AtomicBoolean following = new AtomicBoolean();
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile boolean closed;

    /** @param key null when it is not to be shared */
    private SharedEngine(@Nullable Key key, Links links, TxSettings settings) {
        this.key = key;
        this.links = links;
        this.settings = settings;
        this.reserved = new ReservedKeys(settings.reservedPrefix());
        this.keys = new BranchKeys(settings.reservedPrefix());
        this.pace = links.pace();
        this.node = settings.node();
        this.process = key == null ? pace.newId() : PROCESS;
        this.linkId = process + "." + pace.newId();
        this.composer = new TxnComposer(settings.maxTxnOps());
        this.intents = new IntentGuard(keys.intentsPrefix());
        this.places = new IntentPlaces(keys.intentsPrefix(linkId));
        this.slots = new Slots(keys.slotsPrefix(linkId), pace);
        this.own = links.borrow();
        this.identity = key == null ? null : RmIdentity.of(key.link(), settings);
        this.branches = branches(identity);
        this.presence = own.background().presence(settings.reservedPrefix(), linkId, settings.node());
    }

    private static Map<BranchXid, Branch> branches(@Nullable RmIdentity identity) {
        if (identity == null) {
            return new ConcurrentHashMap<>();
        }
        Shared shared = BRANCHES.computeIfAbsent(identity, same -> new Shared());
        shared.engines++;
        return shared.branches;
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

    /** Not shared with anybody, over any links: a process of its own. */
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
            if (identity != null) {
                BRANCHES.computeIfPresent(identity, (same, shared) -> --shared.engines == 0 ? null : shared);
            }
        }
        closed = true;
        if (presence != null) {
            presence.close();
        }
        slots.close(own.kv());
        own.close();
        waiting.forEach(Runnable::run);
    }

    /** The link's own KV without the reserved keys, whose writes respect what is prepared. */
    KvProtocol autocommit() {
        return new FilteredKv(new GuardedKv(own.kv(), this), reserved);
    }

    Workspace newWorkspace(Limits limits, Deadline deadline) {
        return new Workspace(own.kv(), reserved, limits, deadline, settings.isolation(), new TxLeases(links::revoke));
    }

    /** Runs a step of a protocol, also when the engine is closed. */
    <T> T withKv(Function<KvProtocol, T> step) {
        try (Links.Borrowed link = links.borrow()) {
            return step.apply(link.kv());
        }
    }

    /** Repeats the call after the pause; the call fails when the engine is closed meanwhile. */
    void later(Duration pause, CompletableFuture<?> call, Runnable repeat) {
        Runnable fail = () -> call.completeExceptionally(TxErrors.engineClosed(endpoint()));
        waiting.add(fail);
        var unused = call.whenComplete((answer, failure) -> waiting.remove(fail));
        if (closed) {
            fail.run();
            return;
        }
        own.background().later(pause, repeat);
    }

    /**
     * Intents were met that were not known: others prepare branches, so from now on they are followed by a watch, and the next
     * guard knows them. Where nobody prepares anything, there is no watch, and none is needed.
     */
    void followIntents() {
        if (!closed && following.compareAndSet(false, true)) {
            long began = intents.known().revision();
            own.background().watch(keys.intentsPrefix(), began + 1, new IntentWatch(intents, began));
        }
    }

    /** Its caller was told "in doubt"; it is still found out, and its slot is used again. */
    void unsettled(Doubt doubt) {
        LOG.log(
                Level.WARNING,
                () -> "ETCD-00247: the answer to the Txn " + doubt.id() + " of slot " + doubt.slot() + " (" + endpoint()
                        + ") was lost, and etcd does not tell yet whether it was applied; asking on");
        lookLater(doubt);
    }

    private void lookLater(Doubt doubt) {
        if (closed) {
            return;
        }
        own.background().later(BETWEEN_LOOKS, () -> {
            if (closed) {
                return;
            }
            Doubt.Settled settled = withKv(kv -> {
                Doubt.Settled found = doubt.settle(kv, Duration.ZERO);
                if (found != null) {
                    settled(doubt, found, kv);
                }
                return found;
            });
            if (settled != null) {
                LOG.log(
                        Level.WARNING,
                        () -> "ETCD-00248: the Txn " + doubt.id() + " of slot " + doubt.slot() + " ("
                                + endpoint() + ") was in doubt; now it is known that it was "
                                + (settled.applied() ? "applied" : "not applied and never will be"));
            } else if (doubt.isHopeless()) {
                LOG.log(
                        Level.ERROR,
                        () -> "ETCD-00249: the slot " + doubt.slot() + " (" + endpoint()
                                + ") does not tell what became of the Txn " + doubt.id()
                                + ": it was deleted, or etcd was restored from a backup. Look at the data");
            } else {
                lookLater(doubt);
            }
        });
    }

    /** It is known what became of it; the slot can be used again. */
    void settled(Doubt doubt, Doubt.Settled settled, KvProtocol kv) {
        if (doubt.returnsSlot()) {
            Slot slot = settled.slot();
            if (slot != null) {
                slots.giveBack(slot, kv);
            }
            if (!settled.applied()) {
                metrics.fenced();
            }
        }
    }

    /** What a write of the current thread has to be compared with. */
    List<Compare> fences() {
        return key == null ? List.of() : Fences.ofCurrentThread(key.link());
    }

    /** Whoever commits or prepares is to be seen to live; does not wait. */
    void beginPresence() {
        if (presence != null) {
            presence.begin();
        }
        if (begun.compareAndSet(false, true)) {
            // once is enough: what a process leaves behind is a handful, and its successor begins here again
            own.background().later(UNTIL_SWEEP, this::sweep);
        }
    }

    private void sweep() {
        if (!closed) {
            try {
                int swept = new SlotSweep(own.kv(), keys, Instant.ofEpochMilli(pace.millis())).run();
                if (swept > 0) {
                    LOG.log(
                            Level.INFO,
                            () -> swept + " slots of processes that have gone were deleted (" + endpoint() + ")");
                }
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "slots were not looked through", e);
            }
        }
    }

    /**
     * The branch's transaction manager may call its node otherwise than this server is called. The first branch tells: later
     * ones may be of transactions that were begun elsewhere.
     */
    void workFor(BranchXid xid) {
        String found = nodeTold.get() ? null : NodeIdentifier.of(xid);
        if (found != null && nodeTold.compareAndSet(false, true) && !found.equals(node)) {
            node = found;
            if (presence != null) {
                presence.node(found);
            }
        }
    }

    /** Recovery of this server does not touch a branch that nobody else may ever come for; said once. */
    void leaveToItsServer(BranchXid xid, Intents intents) {
        if (leftToOthers.add(xid)) {
            LOG.log(Level.WARNING, () -> BranchErrors.leftToItsServer(xid, intents, endpoint()));
        }
    }

    /** As the transaction manager tells nodes apart, as far as it is known. */
    String node() {
        return node;
    }

    /**
     * Others see that this link lives before it leaves anything prepared.
     *
     * @throws EtcdException nothing prepared
     */
    void awaitPresence() {
        if (presence != null) {
            presence.await(PRESENCE);
        }
    }

    /** Whether a branch may be worked in through both. */
    boolean isSameResourceManager(SharedEngine other) {
        return other == this || (identity != null && identity.equals(other.identity));
    }

    boolean isOfThisProcess(String otherLinkId) {
        return otherLinkId.startsWith(process + ".");
    }

    Map<BranchXid, Branch> branches() {
        return branches;
    }

    TxSettings settings() {
        return settings;
    }

    Duration settlingTime() {
        return settings.settlingTime();
    }

    BranchKeys keys() {
        return keys;
    }

    Pace pace() {
        return pace;
    }

    TxnComposer composer() {
        return composer;
    }

    IntentGuard intents() {
        return intents;
    }

    Slots slots() {
        return slots;
    }

    IntentPlaces places() {
        return places;
    }

    TxMetrics metrics() {
        return metrics;
    }

    String endpoint() {
        return links.endpoint();
    }

    /** Of this process and engine, in prepare records. */
    String linkId() {
        return linkId;
    }
}

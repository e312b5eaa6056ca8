package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * The intents of all prepared branches as this process knows them, and the compare that says that there are no others.
 *
 * <p>It is one compare whatever there is: no intents newer than the revision at which they were known. As a range without keys
 * passes, nothing has to be read before the first write of all: the process begins with nothing, known at revision 0, and if
 * there is anything the else branch brings it. Intents that go away do no harm; they are noticed when they are in the way.
 */
final class IntentGuard {

    /**
     * @param revision at which there was nothing but these; some may have gone since
     * @param branches by the key of their intents
     */
    record Known(long revision, Map<ByteString, Intents> branches) {

        private static final Known NOTHING = new Known(0, Map.of());

        /** What another branch holds of this; null when there is nothing. */
        @Nullable
        Held held(Need need) {
            for (Intents branch : branches.values()) {
                if (branch.xid().equals(need.self())) {
                    continue;
                }
                boolean same = branch.isOfSameTransaction(need.self());
                ByteString key = same ? branch.written().common(need.writes()) : branch.holdsAgainst(need.writes());
                if (key == null && !same) {
                    key = branch.written().common(need.reads());
                }
                if (key != null) {
                    return new Held(key, branch, same);
                }
            }
            return null;
        }
    }

    /**
     * What somebody wants to write, and wants to be held for it.
     *
     * @param reads that others must not have prepared to write; of interest for prepare only
     * @param self null outside of global transactions
     */
    record Need(Footprint writes, Footprint reads, @Nullable BranchXid self) {}

    /** @param sameTransaction true when the branch is one of the asker's own global transaction */
    record Held(ByteString key, Intents by, boolean sameTransaction) {}

    private final KeyRange range;
    /** Changed only under the lock, and looked at without. */
    private volatile Known known = Known.NOTHING;

    IntentGuard(String prefix) {
        this.range = KeyRange.prefix(prefix);
    }

    Known known() {
        return known;
    }

    Compare nothingNewerThan(Known guardedBy) {
        return Compare.newBuilder()
                .setKey(range.from())
                .setRangeEnd(range.rangeEnd())
                .setTarget(CompareTarget.MOD)
                .setResult(CompareResult.LESS)
                .setModRevision(guardedBy.revision() + 1)
                .build();
    }

    RangeRequest all() {
        return range.request().build();
    }

    RequestOp look() {
        return RequestOp.newBuilder().setRequestRange(all()).build();
    }

    /** Of those that were known some may have gone; it does not tell. */
    RequestOp lookForNewerThan(Known known) {
        return RequestOp.newBuilder()
                .setRequestRange(all().toBuilder().setMinModRevision(known.revision() + 1))
                .build();
    }

    static Map<ByteString, Intents> decode(RangeResponse answer) {
        Map<ByteString, Intents> found = new HashMap<>();
        for (KeyValue kv : answer.getKvsList()) {
            found.put(kv.getKey(), Intents.decode(kv.getValue()));
        }
        return Map.copyOf(found);
    }

    /** What there was at a revision, as etcd's history has it. */
    Known asOf(KvProtocol kv, long revision) {
        RangeRequest then = all().toBuilder().setRevision(revision).build();
        return new Known(revision, decode(Await.answer(kv.range(then))));
    }

    /** Asks etcd. */
    CompletableFuture<Known> refreshed(KvProtocol kv) {
        Known before = known;
        return kv.range(all())
                .thenApply(answer -> learned(before, answer.getHeader().getRevision(), answer));
    }

    /**
     * @param before what was known when etcd was asked. Its answer can be older only if it was restored from a backup, and then
     *     nothing that was known holds
     * @param answer to {@link #all()}
     */
    Known learned(Known before, long revision, RangeResponse answer) {
        Known now = new Known(revision, decode(answer));
        boolean wentBack = revision < before.revision();
        synchronized (this) {
            if (wentBack || known.revision() < revision) {
                known = now;
            } else {
                forgetGone(before, now);
            }
            return known;
        }
    }

    /**
     * Others have written since, so more is known than the answer tells; but what was known before it was asked for, and is not
     * in it, is gone. Else in a process that writes all the time what is gone would stay, since no answer were ever the newest.
     * The very same object, and not an equal one: a branch that has taken its record back may have put it again since.
     */
    private void forgetGone(Known before, Known answer) {
        Map<ByteString, Intents> branches = new HashMap<>(known.branches());
        branches.entrySet()
                .removeIf(each -> isSame(before.branches().get(each.getKey()), each.getValue())
                        && !answer.branches().containsKey(each.getKey()));
        if (branches.size() < known.branches().size()) {
            known = new Known(known.revision(), Map.copyOf(branches));
        }
    }

    @SuppressWarnings("ReferenceEquality") // see above
    private static boolean isSame(@Nullable Intents before, Intents now) {
        return before == now;
    }

    /**
     * A write under {@link #nothingNewerThan} has been applied, so up to its revision there was nothing else. What has been
     * forgotten meanwhile stays forgotten: who knows less than the guard did can't go on from it.
     *
     * @param own what the write itself has put, by its key; empty when none
     */
    void applied(Known guardedBy, long revision, Map<ByteString, Intents> own) {
        applied(guardedBy, revision, Map.of(), own);
    }

    /**
     * A write has been applied that looked for others.
     *
     * @param newcomers that were there and not known
     */
    synchronized void applied(
            Known guardedBy, long revision, Map<ByteString, Intents> newcomers, Map<ByteString, Intents> own) {
        Known now = known;
        if (revision <= guardedBy.revision()) {
            known = Known.NOTHING;
        } else if (guardedBy.revision() <= now.revision() && now.revision() < revision) {
            // less may be known by now than when it was sent: what was known then has been given up
            Map<ByteString, Intents> branches = new HashMap<>(now.branches());
            branches.putAll(newcomers);
            // of each time that they are put
            own.forEach((key, intents) -> branches.put(key, intents.copy()));
            known = new Known(revision, Map.copyOf(branches));
        }
    }

    /**
     * A watch has told of all changes between two revisions.
     *
     * @param after exclusive. Who knows less than what was there at that revision can't go on from it
     * @param revision inclusive
     * @param changed what is at which key now; null when nothing
     */
    synchronized void watched(long after, long revision, Map<ByteString, @Nullable Intents> changed) {
        Known now = known;
        if (now.revision() < after || now.revision() >= revision) {
            return;
        }
        Map<ByteString, Intents> branches = new HashMap<>(now.branches());
        changed.forEach((key, intents) -> {
            if (intents == null) {
                branches.remove(key);
            } else {
                branches.put(key, intents);
            }
        });
        known = new Known(revision, Map.copyOf(branches));
    }

    /** What was known does not hold: etcd was restored from a backup, or it is another one. */
    synchronized void forgetAll() {
        known = Known.NOTHING;
    }

    /** The branch holds nothing any more; if another one has its key by now, that one does. */
    synchronized void completed(BranchXid xid) {
        Known now = known;
        Map<ByteString, Intents> branches = new HashMap<>(now.branches());
        if (branches.values().removeIf(each -> each.xid().equals(xid))) {
            known = new Known(now.revision(), Map.copyOf(branches));
        }
    }
}

package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * All branches of the cluster that are prepared, or have been ended by an operator, as they were at one revision. The prepare
 * records, which hold whole values, are not read: whose a branch is stands with its intents.
 */
record RecoveryScan(
        Map<BranchXid, Intents> prepared, Map<BranchXid, Optional<HeuristicRecord>> heuristic, Set<String> alive) {

    static RecoveryScan of(KvProtocol kv, SharedEngine engine) {
        BranchKeys keys = engine.keys();
        RangeResponse records = Await.answer(kv.range(keysOnly(keys.preparedPrefix(), 0)));
        // Plain ranges, which are repeated when their answer is lost, and of one revision: a branch and its intents are
        // put and
        // deleted together, and its link was there before them.
        long revision = records.getHeader().getRevision();
        RangeResponse ended = Await.answer(kv.range(KeyRange.prefix(keys.heuristicPrefix())
                .request()
                .setRevision(revision)
                .build()));
        RangeResponse links = Await.answer(kv.range(keysOnly(keys.alivePrefix(), revision)));
        RangeResponse held = Await.answer(kv.range(
                engine.intents().all().toBuilder().setRevision(revision).build()));
        Map<BranchXid, Intents> intents = new HashMap<>();
        for (KeyValue entry : held.getKvsList()) {
            Intents each = Intents.decode(entry.getValue());
            intents.put(each.xid(), each);
        }
        Map<BranchXid, Intents> prepared = new LinkedHashMap<>();
        for (BranchXid xid : xids(records, keys.preparedPrefix())) {
            Intents own = intents.get(xid);
            prepared.put(xid, own == null ? Intents.unreadable(xid) : own);
        }
        Set<String> alive = new HashSet<>();
        links.getKvsList()
                .forEach(link -> alive.add(link.getKey()
                        .toStringUtf8()
                        .substring(keys.alivePrefix().length())));
        Map<BranchXid, Optional<HeuristicRecord>> heuristic = new LinkedHashMap<>();
        for (KeyValue entry : ended.getKvsList()) {
            BranchXid xid = BranchKeys.xid(entry.getKey(), keys.heuristicPrefix());
            if (xid != null) {
                heuristic.put(xid, Optional.ofNullable(HeuristicRecord.decode(entry.getValue())));
            }
        }
        return new RecoveryScan(prepared, heuristic, alive);
    }

    /**
     * Those that are for the asking process to complete. A branch whose link is alive in another process is that process's
     * business: its transaction manager may be about to commit it, and the one that asks may have the same node identifier.
     * Links of the asking process itself are served by the same transaction manager.
     *
     * <p>When nobody lives, the identifier decides, and Narayana rolls back what bears its own and is not in its log. That is right
     * for an identifier that somebody has given, as then the log is lost. The default one says nothing: the log that has the
     * decision may stand on another server, which will start again. So where that one's log is kept must be known to be
     * here; otherwise the branch is its server's or an operator's.
     */
    List<BranchXid> toRecover(SharedEngine engine) {
        List<BranchXid> all = new ArrayList<>();
        prepared.forEach((xid, intents) -> {
            boolean another = alive.contains(intents.link()) && !engine.isOfThisProcess(intents.link());
            boolean elsewhere = isLoggedElsewhere(xid, intents.home(), engine);
            if (!another && !elsewhere) {
                all.add(xid);
            } else if (elsewhere && !alive.contains(intents.link())) {
                engine.leaveToItsServer(xid, intents);
            }
        });
        heuristic.forEach((xid, record) -> {
            String home = record.map(HeuristicRecord::home).orElse(TxSettings.UNKNOWN_HOME);
            if (!prepared.containsKey(xid) && !isLoggedElsewhere(xid, home, engine)) {
                all.add(xid);
            }
        });
        return all;
    }

    private static boolean isLoggedElsewhere(BranchXid xid, String home, SharedEngine engine) {
        return NodeIdentifier.isDefault(xid)
                && !home.equals(TxSettings.UNKNOWN_HOME)
                && !home.equals(engine.settings().home());
    }

    /** @param revision 0 for the newest */
    private static RangeRequest keysOnly(String prefix, long revision) {
        return KeyRange.prefix(prefix)
                .request()
                .setKeysOnly(true)
                .setRevision(revision)
                .build();
    }

    private static List<BranchXid> xids(RangeResponse answer, String prefix) {
        List<BranchXid> xids = new ArrayList<>();
        for (KeyValue key : answer.getKvsList()) {
            BranchXid xid = BranchKeys.xid(key.getKey(), prefix);
            if (xid != null) {
                xids.add(xid);
            }
        }
        return xids;
    }
}

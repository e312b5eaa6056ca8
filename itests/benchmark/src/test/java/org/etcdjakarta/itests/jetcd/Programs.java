package org.etcdjakarta.itests.jetcd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All programs, by the name that is their test's. */
final class Programs {

    private static final Map<String, Program> ALL = all();

    /** For tests that prepare more than an empty etcd. */
    private static final Map<String, Program> SPECIAL = Map.of(
            "withPassword", AuthPrograms::withPassword,
            "withWrongPassword", AuthPrograms::withWrongPassword,
            "namespace", KvPrograms::namespace,
            "emptyPrefix", KvPrograms::emptyPrefix);

    private Programs() {}

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    static Program named(String name) {
        Program program = ALL.containsKey(name) ? ALL.get(name) : SPECIAL.get(name);
        if (program == null) {
            throw new IllegalArgumentException("no program " + name);
        }
        return program;
    }

    private static Map<String, Program> all() {
        Map<String, Program> all = new LinkedHashMap<>();
        all.put("put", KvPrograms::put);
        all.put("get", KvPrograms::get);
        all.put("delete", KvPrograms::delete);
        all.put("txn", KvPrograms::txn);
        all.put("txnMisused", KvPrograms::txnMisused);
        all.put("compact", KvPrograms::compact);
        all.put("lease", LeasePrograms::lease);
        all.put("keepAlive", LeasePrograms::keepAlive);
        all.put("watch", WatchPrograms::live);
        all.put("watchOptions", WatchPrograms::options);
        all.put("watchHistory", WatchPrograms::history);
        all.put("watchCompacted", WatchPrograms::compacted);
        all.put("lock", LockPrograms::lock);
        all.put("election", LockPrograms::election);
        all.put("cluster", AdminPrograms::cluster);
        all.put("maintenance", AdminPrograms::maintenance);
        all.put("users", AuthPrograms::users);
        all.put("roles", AuthPrograms::roles);
        return all;
    }
}

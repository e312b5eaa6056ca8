package org.etcdjakarta.embedded.service;

import java.time.Clock;
import org.etcdjakarta.embedded.auth.Tokens;
import org.etcdjakarta.embedded.store.Store;

/**
 * KV and Watch over a store, and nothing around them: no port, no thread, no faults, no users. For unit tests that call them on
 * their own thread, thousands of stores in a second, or that stand between them and the code under test; others start an {@code
 * EmbeddedEtcd}.
 */
public record BareServices(KvService kv, WatchService watch) {

    private static final long MEMBER_ID = 1;

    /** Stays empty: nobody can authenticate here. */
    private static final Tokens NO_TOKENS = new Tokens(Clock.systemUTC());

    /** Each call makes services of their own; {@code clusterId} is what the headers of their answers tell. */
    public static BareServices over(Store store, long clusterId) {
        Headers headers = new Headers(store, clusterId, MEMBER_ID);
        Admission admission = new Admission(store, NO_TOKENS);
        return new BareServices(new KvService(store, headers, admission), new WatchService(store, headers, admission));
    }
}

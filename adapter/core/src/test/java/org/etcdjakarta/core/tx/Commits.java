package org.etcdjakarta.core.tx;

import org.etcdjakarta.core.link.KvProtocol;

/** Commits what workspaces have, as a local transaction does. Its slot is there from the beginning, at a revision of its own. */
final class Commits {

    private final KvProtocol kv;
    private final SharedEngine engine;

    /** @param reserved of the workspaces too */
    Commits(KvProtocol kv, String reserved) {
        this.kv = kv;
        this.engine = SharedEngine.over(new FakeLinks(kv), new TxSettings(reserved, 128, "node-1"));
        engine.slots().giveBack(engine.slots().take(kv), kv);
    }

    void onePhase(Changes changes) {
        CommitProtocol.commit(engine, kv, changes, null);
    }
}

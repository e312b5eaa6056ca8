package org.etcdjakarta.connector;

import java.util.List;
import org.etcdjakarta.core.tx.TransactionAdmin.InDoubtBranch;

/** A branch in doubt as JMX shows it; its tools know beans, not records. */
public final class BranchView {

    private final InDoubtBranch branch;

    BranchView(InDoubtBranch branch) {
        this.branch = branch;
    }

    /** {@return as in etcd's keys} */
    public String getXid() {
        return branch.xid();
    }

    /** {@return PREPARED, HEURISTICALLY_COMMITTED or HEURISTICALLY_ROLLED_BACK} */
    public String getState() {
        return branch.state().name();
    }

    /** {@return when it was prepared, or ended by an operator} */
    public String getSince() {
        return branch.since().toString();
    }

    /** {@return seconds since then} */
    public long getAgeSeconds() {
        return branch.age().toSeconds();
    }

    /** {@return node that prepared it} */
    public String getNode() {
        return branch.node();
    }

    /** {@return whether its process lives and will complete it} */
    public boolean isOwnerAlive() {
        return branch.ownerAlive();
    }

    /** {@return keys that its commit writes} */
    public List<String> getKeys() {
        return branch.keys();
    }
}

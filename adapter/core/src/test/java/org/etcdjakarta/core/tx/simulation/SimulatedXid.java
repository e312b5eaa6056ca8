package org.etcdjakarta.core.tx.simulation;

import java.nio.charset.StandardCharsets;
import javax.transaction.xa.Xid;

/** As a transaction manager's: without equals. */
final class SimulatedXid implements Xid {

    private final String transaction;
    private final String branch;

    SimulatedXid(String transaction, String branch) {
        this.transaction = transaction;
        this.branch = branch;
    }

    static String transaction(Xid xid) {
        return new String(xid.getGlobalTransactionId(), StandardCharsets.UTF_8);
    }

    static String branch(Xid xid) {
        return new String(xid.getBranchQualifier(), StandardCharsets.UTF_8);
    }

    @Override
    public int getFormatId() {
        return 131077;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return transaction.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] getBranchQualifier() {
        return branch.getBytes(StandardCharsets.UTF_8);
    }
}

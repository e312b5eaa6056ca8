package org.etcdjakarta.core.tx;

import java.nio.charset.StandardCharsets;
import javax.transaction.xa.Xid;

/** As a transaction manager's: without equals. */
final class TestXid implements Xid {

    private final String gtrid;
    private final String bqual;

    TestXid(String gtrid, String bqual) {
        this.gtrid = gtrid;
        this.bqual = bqual;
    }

    @Override
    public int getFormatId() {
        return -131077;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return gtrid.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] getBranchQualifier() {
        return bqual.getBytes(StandardCharsets.UTF_8);
    }
}

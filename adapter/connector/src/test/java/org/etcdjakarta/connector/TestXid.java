package org.etcdjakarta.connector;

import javax.transaction.xa.Xid;

/** Of a transaction manager that counts. */
record TestXid(int number) implements Xid {

    @Override
    public int getFormatId() {
        return 7;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return new byte[] {(byte) number};
    }

    @Override
    public byte[] getBranchQualifier() {
        return new byte[] {1};
    }
}

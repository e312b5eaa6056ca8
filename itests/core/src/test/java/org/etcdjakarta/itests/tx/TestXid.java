package org.etcdjakarta.itests.tx;

import com.google.protobuf.ByteString;
import javax.transaction.xa.Xid;

/** As a transaction manager makes them. */
public record TestXid(int formatId, ByteString gtrid, ByteString bqual) implements Xid {

    @Override
    public int getFormatId() {
        return formatId;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return gtrid.toByteArray();
    }

    @Override
    public byte[] getBranchQualifier() {
        return bqual.toByteArray();
    }
}

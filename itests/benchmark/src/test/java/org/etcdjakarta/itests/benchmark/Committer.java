package org.etcdjakarta.itests.benchmark;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import java.nio.charset.StandardCharsets;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;

/** One after the other, transactions that read two keys and write two others, which are nobody else's. */
final class Committer {

    private record Id(String gtrid) implements Xid {

        @Override
        public int getFormatId() {
            return 131077;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return gtrid.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {1};
        }
    }

    private static final ByteString VALUE = ByteString.copyFromUtf8("v".repeat(64));

    private final TxSession session;
    private final String name;
    private final boolean twoPhases;
    private int number;

    /** @param name unique among all */
    Committer(TxEngine engine, String name, boolean twoPhases) {
        this.session = engine.newSession();
        this.name = name;
        this.twoPhases = twoPhases;
    }

    /** @throws XAException it was not committed, which nothing was in the way of */
    void commit() throws XAException {
        XAResource resource = session.xaResource();
        Xid xid = begin();
        if (twoPhases && resource.prepare(xid) != XAResource.XA_OK) {
            throw new IllegalStateException("what was written is not prepared");
        }
        resource.commit(xid, !twoPhases);
    }

    /** To be completed by {@link #complete}. */
    Xid prepare() throws XAException {
        Xid xid = begin();
        session.xaResource().prepare(xid);
        return xid;
    }

    void complete(Xid xid) throws XAException {
        session.xaResource().commit(xid, false);
    }

    private Xid begin() throws XAException {
        XAResource resource = session.xaResource();
        Xid xid = new Id(name + "." + number++);
        resource.start(xid, XAResource.TMNOFLAGS);
        KvProtocol kv = session.kv();
        for (String read : new String[] {"a", "b"}) {
            kv.range(RangeRequest.newBuilder().setKey(key(read)).build()).join();
        }
        for (String written : new String[] {"c", "d"}) {
            kv.put(PutRequest.newBuilder().setKey(key(written)).setValue(VALUE).build())
                    .join();
        }
        resource.end(xid, XAResource.TMSUCCESS);
        return xid;
    }

    private ByteString key(String which) {
        return ByteString.copyFromUtf8("/committers/" + name + "/" + which);
    }
}

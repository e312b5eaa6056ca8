package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * Where transactions of one level meet, on keys that nobody else has. All calls come from one thread and are complete when they
 * return, so a schedule is what it says. Each transaction has an engine of its own, as if it were in another process.
 */
final class Stage implements AutoCloseable {

    /** How transactions end. */
    enum Commit {
        LOCAL,
        TWO_PHASES
    }

    private final EtcdLinkConfig etcd;
    private final Isolation isolation;
    private final Commit commit;
    private final String prefix;
    private final List<TxEngine> engines = new ArrayList<>();
    private final KvProtocol outside;

    /** @param name of a schedule that was never played on this etcd */
    Stage(String endpoint, Isolation isolation, Commit commit, String name) {
        this.etcd = EtcdLinkConfig.builder()
                .endpoints(endpoint)
                .requestTimeout(Duration.ofSeconds(30))
                .build();
        this.isolation = isolation;
        this.commit = commit;
        this.prefix = "/anomalies/" + name + "/" + isolation + "/" + commit + "/";
        this.outside = session().kv();
    }

    private TxSession session() {
        TxEngine engine = TxEngine.open(
                etcd,
                new TxSettings(
                        TxSettings.DEFAULT_RESERVED_PREFIX,
                        TxSettings.DEFAULT_MAX_TXN_OPS,
                        "node-" + engines.size(),
                        isolation,
                        TxSettings.DEFAULT_SETTLING_TIME));
        engines.add(engine);
        return engine.newSession();
    }

    /** Before the transactions. */
    void given(String key, String value) {
        put(outside, key, value);
    }

    Tx begin() {
        TxSession session = session();
        return commit == Commit.LOCAL ? new Local(session) : new TwoPhases(session, engines.size());
    }

    /** After the transactions. */
    String value(String key) {
        return get(outside, key);
    }

    List<String> keys(String range) {
        return keys(outside, range);
    }

    @Override
    public void close() {
        Collections.reverse(engines);
        engines.forEach(TxEngine::close);
    }

    /** One transaction. */
    abstract class Tx {

        final TxSession session;

        Tx(TxSession session) {
            this.session = session;
        }

        String get(String key) {
            return Stage.this.get(session.kv(), key);
        }

        List<String> keys(String range) {
            return Stage.this.keys(session.kv(), range);
        }

        void put(String key, String value) {
            Stage.this.put(session.kv(), key, value);
        }

        void delete(String key) {
            session.kv()
                    .deleteRange(
                            DeleteRangeRequest.newBuilder().setKey(bytes(key)).build())
                    .join();
        }

        /** The first phase of two; nothing where there is one. */
        abstract void vote();

        abstract void rollback();

        /** False for a conflict. */
        abstract boolean commit();

        void mustCommit() {
            if (!commit()) {
                throw new AssertionError("only the last one may have a conflict");
            }
        }
    }

    private final class Local extends Tx {

        Local(TxSession session) {
            super(session);
            session.begin();
        }

        @Override
        void vote() {
            // there is none
        }

        @Override
        void rollback() {
            session.rollback();
        }

        @Override
        boolean commit() {
            try {
                session.commit();
                return true;
            } catch (EtcdConflictException e) {
                return false;
            }
        }
    }

    private final class TwoPhases extends Tx {

        private final XAResource resource;
        private final BranchXid xid;
        private boolean prepared;

        TwoPhases(TxSession session, int number) {
            super(session);
            resource = session.xaResource();
            xid = new BranchXid(131077, bytes("global"), ByteString.copyFromUtf8("branch " + number));
            xa(() -> resource.start(xid, TMNOFLAGS));
        }

        @Override
        void vote() {
            xa(() -> resource.end(xid, TMSUCCESS));
            xa(() -> prepared = resource.prepare(xid) == XAResource.XA_OK);
        }

        @Override
        void rollback() {
            xa(() -> resource.rollback(xid));
        }

        @Override
        boolean commit() {
            try {
                vote();
            } catch (Conflict e) {
                return false;
            }
            if (prepared) {
                xa(() -> resource.commit(xid, false));
            }
            return true;
        }
    }

    private interface Verb {
        void run() throws XAException;
    }

    private static final class Conflict extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Conflict(XAException cause) {
            super(cause);
        }
    }

    private static void xa(Verb verb) {
        try {
            verb.run();
        } catch (XAException e) {
            if (e.errorCode == XAException.XA_RBINTEGRITY) {
                throw new Conflict(e);
            }
            throw new AssertionError("XA error " + e.errorCode, e);
        }
    }

    private String get(KvProtocol kv, String key) {
        return kv.range(RangeRequest.newBuilder().setKey(bytes(key)).build()).join().getKvsList().stream()
                .map(found -> found.getValue().toStringUtf8())
                .findFirst()
                .orElse("(absent)");
    }

    private List<String> keys(KvProtocol kv, String range) {
        KeyRange all = KeyRange.prefix(bytes(range));
        return kv
                .range(RangeRequest.newBuilder()
                        .setKey(all.from())
                        .setRangeEnd(all.rangeEnd())
                        .build())
                .join()
                .getKvsList()
                .stream()
                .map(KeyValue::getKey)
                .map(ByteString::toStringUtf8)
                .toList();
    }

    private void put(KvProtocol kv, String key, String value) {
        kv.put(PutRequest.newBuilder()
                        .setKey(bytes(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build())
                .join();
    }

    private ByteString bytes(String key) {
        return ByteString.copyFromUtf8(prefix + key);
    }
}

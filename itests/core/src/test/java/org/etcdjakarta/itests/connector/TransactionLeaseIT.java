package org.etcdjakarta.itests.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import java.util.Locale;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.connector.EtcdManagedConnection;
import org.etcdjakarta.connector.EtcdManagedConnectionFactory;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Resources;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lease that is granted in a transaction, and what others have put under it, goes when that rolls back. */
@WithEtcd
class TransactionLeaseIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String KEY = "/lease/key";
    private static final String READ = "/lease/read";
    private static final Xid XID = new Branch();

    private record Branch() implements Xid {

        @Override
        public int getFormatId() {
            return 4711;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return "lease".getBytes(UTF_8);
        }

        @Override
        public byte[] getBranchQualifier() {
            return "1".getBytes(UTF_8);
        }
    }

    private final EtcdServer etcd;
    private final EtcdManagedConnection connection;
    private final XAResource xa;
    private long granted;

    TransactionLeaseIT(EtcdServer etcd) throws Exception {
        this.etcd = etcd;
        EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
        factory.setEndpoints(etcd.endpoint());
        connection = factory.createManagedConnection(null, null);
        xa = connection.getXAResource();
    }

    @BeforeEach
    void clean() {
        etcd.etcdctl().deletePrefix("/lease/");
        granted = 0;
    }

    @AfterEach
    void destroy() {
        connection.destroy();
        if (isThere()) {
            etcd.etcdctl().run("lease", "revoke", Long.toHexString(granted));
        }
    }

    /** The transaction's; this process has one of its own besides, for as long as it lives. */
    private boolean isThere() {
        String id = String.format(Locale.ROOT, "%016x", granted);
        return etcd.etcdctl().run("lease", "list").lines().anyMatch(id::equals);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    /** Its handle is closed before the transaction ends, as applications do. */
    private void work() throws Exception {
        xa.start(XID, XAResource.TMNOFLAGS);
        try (EtcdConnection handle = connection.getConnection(null, null)) {
            granted = handle.lease().grant(600).join().getID();
            handle.kv().get(bytes(READ)).join();
            handle.kv()
                    .put(
                            bytes(KEY),
                            bytes("mine"),
                            PutOption.builder().withLeaseId(granted).build())
                    .join();
        }
        xa.end(XID, XAResource.TMSUCCESS);
        assertThat(isThere()).isTrue();
    }

    @Test
    void rollbackRevokes() throws Exception {
        work();
        xa.rollback(XID);
        await().atMost(GENEROUS).until(() -> !isThere());
        assertThat(etcd.etcdctl().get(KEY)).isEmpty();
    }

    @Test
    void conflictRevokes() throws Exception {
        work();
        etcd.etcdctl().put(READ, "changed");
        assertThatThrownBy(() -> xa.commit(XID, true)).isInstanceOf(XAException.class);
        await().atMost(GENEROUS).until(() -> !isThere());
    }

    @Test
    void commitKeepsTheLeaseAndItsKey() throws Exception {
        work();
        xa.commit(XID, true);
        await().during(Duration.ofSeconds(1)).atMost(GENEROUS).until(this::isThere);
        assertThat(etcd.etcdctl().get(KEY)).hasValue("mine");
    }

    /** The transaction manager rolls back on the resource of a connection that is gone; nothing of the link is left after it. */
    @Test
    void rollbackAfterTheConnectionIsGoneRevokes() throws Exception {
        Resources before = Resources.snapshot();
        work();
        connection.destroy();
        xa.rollback(XID);
        await().atMost(GENEROUS).until(() -> !isThere());
        before.awaitBack(GENEROUS);
    }
}

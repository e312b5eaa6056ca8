package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a real link: once a process has met intents of another one, it hears of all others before it writes. */
class FollowedIntentsTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final SharedEngine writer = engine("writer");
    private final SharedEngine other = engine("other");
    private final TxSession preparing = new TxSession(other);

    private SharedEngine engine(String node) {
        return SharedEngine.acquire(
                EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build(),
                new TxSettings(Engines.RESERVED, TxSettings.DEFAULT_MAX_TXN_OPS, node));
    }

    @AfterEach
    void close() {
        other.release();
        writer.release();
        etcd.close();
    }

    private Xid prepare(String key) throws Exception {
        Xid xid = new TestXid(key, "b");
        XAResource xa = preparing.xaResource();
        xa.start(xid, TMNOFLAGS);
        preparing.kv().put(Requests.put(key, "1").build()).join();
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
        return xid;
    }

    private void write() {
        writer.autocommit().put(Requests.put("free", "1").build()).join();
    }

    private int known() {
        return writer.intents().known().branches().size();
    }

    @Test
    void whatOthersPrepareIsKnownBeforeTheNextWriteAndWhatTheyCompleteIsForgotten() throws Exception {
        Xid first = prepare("a");
        assertThat(known()).as("nobody has told").isZero();
        write();
        assertThat(writer.metrics().retries()).as("the first is met").isEqualTo(1);
        assertThat(known()).isEqualTo(1);

        Xid second = prepare("b");
        await().atMost(GENEROUS).until(() -> known() == 2);
        write();
        assertThat(writer.metrics().retries()).as("the next one was heard of").isEqualTo(1);

        preparing.xaResource().commit(first, false);
        preparing.xaResource().commit(second, false);
        await().atMost(GENEROUS).until(() -> known() == 0);
    }
}

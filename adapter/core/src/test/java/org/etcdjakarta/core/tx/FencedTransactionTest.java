package org.etcdjakarta.core.tx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.put;

import io.etcd.jetcd.ByteSequence;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.recipe.FencedLock;
import org.etcdjakarta.core.recipe.Recipes;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a transaction does under a lock it does only if the lock is held still when it commits. */
class FencedTransactionTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdLinkConfig config =
            EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build();
    private final EtcdLink link = EtcdLink.open(config);
    private final Session session = link.newSession(Duration.ofSeconds(60));
    private final FencedLock lock = new Recipes(link, session).lock("/locks/stock");
    private final TxEngine engine = TxEngine.open(config, FakeLinks.SETTINGS);
    private final TxSession tx = engine.newSession();

    @BeforeEach
    void takeTheLock() throws Exception {
        assertThat(lock.tryLock(GENEROUS)).isTrue();
    }

    @AfterEach
    void close() {
        if (!Fences.ofCurrentThread(config).isEmpty()) {
            lock.unlock();
        }
        engine.close();
        session.close();
        link.close();
        etcd.close();
    }

    /** The lease goes with the lock's key, and nobody has told its holder yet. */
    private void loseTheLock() throws Exception {
        var unused = link.client().getLeaseClient().revoke(session.leaseId()).get(60, TimeUnit.SECONDS);
    }

    private boolean isThere(String key) throws Exception {
        return !link.client()
                .getKVClient()
                .get(ByteSequence.from(key, UTF_8))
                .get(60, TimeUnit.SECONDS)
                .getKvs()
                .isEmpty();
    }

    @Test
    void holderCommits() throws Exception {
        tx.begin();
        put(tx.kv(), "/stock", "1");
        tx.commit();
        lock.unlock();

        assertThat(isThere("/stock")).isTrue();
    }

    @Test
    void whoHasLostTheLockCannotCommit() throws Exception {
        tx.begin();
        put(tx.kv(), "/stock", "1");
        loseTheLock();

        assertThatThrownBy(tx::commit)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContainingAll("lock", "/locks/stock");
        assertThat(isThere("/stock")).isFalse();
    }

    @Test
    void whoHasLostTheLockCannotPrepare() throws Exception {
        XAResource resource = tx.xaResource();
        TestXid xid = new TestXid("gtrid", "bqual");
        resource.start(xid, XAResource.TMNOFLAGS);
        put(tx.kv(), "/stock", "1");
        resource.end(xid, XAResource.TMSUCCESS);
        loseTheLock();

        assertThatThrownBy(() -> resource.prepare(xid))
                .isInstanceOfSatisfying(
                        XAException.class, e -> assertThat(e.errorCode).isEqualTo(XAException.XA_RBINTEGRITY));
    }

    /** The lock protects nothing that is committed after it was given back. */
    @Test
    void unlockBeforeTheCommitIsAConflict() {
        tx.begin();
        put(tx.kv(), "/stock", "1");
        lock.unlock();

        assertThatThrownBy(tx::commit).isInstanceOf(EtcdConflictException.class).hasMessageContaining("Unlock after");
    }

    /** The control: without a lock nothing keeps the same transaction from committing. */
    @Test
    void whoHeldNoLockCommitsWhateverBecomesOfIt() throws Exception {
        lock.unlock();
        tx.begin();
        put(tx.kv(), "/stock", "1");
        loseTheLock();
        tx.commit();

        assertThat(isThere("/stock")).isTrue();
    }
}

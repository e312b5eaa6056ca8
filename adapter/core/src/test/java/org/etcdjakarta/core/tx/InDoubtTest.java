package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.etcdjakarta.core.tx.Requests.put;

import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.DirectEtcd.Fault;
import org.junit.jupiter.api.Test;

/** What a commit whose answer is lost comes to, and what slots leave behind. */
class InDoubtTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final FakeLinks links = new FakeLinks(etcd);
    private final TxEngine engine = TxEngine.over(links, FakeLinks.SETTINGS);
    private final TxSession session = engine.newSession();

    private void write(String key) {
        session.begin();
        put(session.kv(), key, "1");
    }

    private void commit(String key) {
        write(key);
        session.commit();
    }

    private EtcdException failing(String key) {
        write(key);
        return (EtcdException) catchThrowable(session::commit);
    }

    @Test
    void aHundredThousandCommitsLeaveAHandfulOfKeys() {
        for (int i = 0; i < 100_000; i++) {
            commit("a");
        }
        assertThat(etcd.kv("a").getVersion()).isEqualTo(100_000);
        assertThat(etcd.slots()).hasSize(1);
        assertThat(etcd.keys()).containsExactly("a");
        engine.close();
        assertThat(etcd.slots()).isEmpty();
    }

    @Test
    void oneRoundTripCommits() {
        commit("a");
        int txns = etcd.txns().size();
        int ranges = etcd.ranges().size();
        commit("b");
        assertThat(etcd.txns()).hasSize(txns + 1);
        assertThat(etcd.ranges()).hasSize(ranges);
    }

    @Test
    void anOriginalThatArrivesAfterTheFenceIsKeptOut() {
        etcd.failNext(Fault.LATE_AND_LOST);
        assertThat(failing("a").effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED);
        assertThat(etcd.deliverLate()).isFalse();
        assertThat(etcd.keys()).isEmpty();
    }

    /** The control: it is the fence that keeps it out. */
    @Test
    void anOriginalThatArrivesBeforeTheFenceIsApplied() {
        etcd.failNext(Fault.LATE_AND_LOST);
        etcd.away(true);
        assertThat(failing("a")).isInstanceOf(EtcdInDoubtException.class);
        assertThat(etcd.deliverLate()).isTrue();
        assertThat(etcd.keys()).containsExactly("a");
    }

    @Test
    void anOriginalThatArrivesAfterTheSlotIsGoneIsKeptOut() {
        etcd.failNext(Fault.LATE_AND_LOST);
        failing("a");
        engine.close();
        assertThat(etcd.slots()).isEmpty();
        assertThat(etcd.deliverLate()).isFalse();
    }

    @Test
    void theAnswersOfTheFenceMayBeLostToo() {
        etcd.failNext(Fault.LATE_AND_LOST, Fault.APPLIED_AND_LOST, Fault.NOT_APPLIED_AND_LOST);
        assertThat(failing("a")).hasMessageContaining("fenced");
        assertThat(etcd.deliverLate()).isFalse();
        commit("b");
        assertThat(etcd.slots()).as("used again").hasSize(1);
    }

    @Test
    void onlyWhenEtcdStaysAwayIsTheCallerToldThatItIsInDoubt() {
        etcd.failNext(Fault.APPLIED_AND_LOST);
        etcd.away(true);
        long began = links.pace().nanos();
        EtcdException failure = failing("a");
        assertThat(failure)
                .isInstanceOf(EtcdInDoubtException.class)
                .hasMessageContaining("'" + etcd.slots().get(0) + "'");
        assertThat(links.pace().nanos() - began).isGreaterThanOrEqualTo(30_000_000_000L);
        String told = etcd.value(etcd.slots().get(0));
        assertThat(failure).as("what to look for").hasMessageContaining(told.substring(0, told.indexOf(' ', 5)));
    }

    @Test
    void whatWasInDoubtIsFoundOutAndItsSlotUsedAgain() {
        etcd.failNext(Fault.NOT_APPLIED_AND_LOST);
        etcd.away(true);
        failing("a");
        etcd.away(false);
        commit("b");
        assertThat(etcd.slots()).as("the one in doubt is in nobody's hands").hasSize(2);
        links.runLater();
        assertThat(etcd.slots().stream().map(etcd::value)).anyMatch(value -> value.startsWith("fenced"));
        assertThat(engine.admin().metrics().fences()).isEqualTo(1);
        TxSession other = engine.newSession();
        write("c");
        other.begin();
        put(other.kv(), "d", "1");
        other.commit();
        session.commit();
        assertThat(etcd.slots()).hasSize(2);
    }

    @Test
    void aSlotThatSomebodyHasDeletedTellsNothing() {
        etcd.failNext(Fault.APPLIED_AND_LOST);
        etcd.away(true);
        failing("a");
        etcd.away(false);
        etcd.delete(etcd.slots().get(0));
        links.runLater();
        int asked = etcd.txns().size();
        links.runLater();
        links.runLater();
        assertThat(etcd.txns()).as("not asked for ever").hasSize(asked);
        commit("b");
    }

    @Test
    void aSlotThatSomebodyHasDeletedWhileItWasIdleIsReplaced() {
        commit("a");
        etcd.delete(etcd.slots().get(0));
        commit("b");
        assertThat(etcd.value("b")).isEqualTo("1");
    }

    /** Whoever has the slot at an older revision writes nothing, whatever else holds. */
    @Test
    void commitsOfOneSlotAreAChain() {
        commit("a");
        TxnRequest earlier = etcd.txns().get(0);
        commit("b");
        assertThat(Requests.done(etcd.txn(earlier)).getSucceeded()).isFalse();
        assertThat(List.of(etcd.kv("a").getVersion(), etcd.kv("b").getVersion()))
                .containsOnly(1L);
    }

    @Test
    void noAnswerToTheFirstPutOfASlotIsNoDoubt() {
        etcd.failNextPuts(3);
        assertThat(failing("a").effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED);
        etcd.failNextPuts(2);
        commit("a");
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);
    }

    @Test
    void aTransactionThatWroteNothingSendsNothing() {
        session.begin();
        Requests.get(session.kv(), "a");
        session.commit();
        assertThat(etcd.txns()).isEmpty();
        assertThat(etcd.slots()).isEmpty();
    }

    @Test
    void anInterruptedThreadIsToldAtOnceAndStaysInterrupted() {
        etcd.failNext(Fault.APPLIED_AND_LOST);
        etcd.away(true);
        write("a");
        Thread.currentThread().interrupt();
        assertThatThrownBy(session::commit).isInstanceOf(EtcdInDoubtException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** etcd says the same of what it refuses and of the write that crosses the quota, which it has applied. */
    @Test
    void anEtcdWithoutSpaceIsNoDoubt() {
        AtomicBoolean full = new AtomicBoolean();
        FakeLinks links = new FakeLinks((KvProtocol) Proxy.newProxyInstance(
                KvProtocol.class.getClassLoader(), new Class<?>[] {KvProtocol.class}, (proxy, method, arguments) -> {
                    boolean puts = arguments != null
                            && arguments[0] instanceof TxnRequest txn
                            && txn.getSuccessList().stream().anyMatch(RequestOp::hasRequestPut);
                    return full.get() && puts
                            ? CompletableFuture.failedFuture(new EtcdInDoubtException(
                                    "ETCD-00109",
                                    "etcdserver: mvcc: database space exceeded",
                                    EtcdException.Effect.IN_DOUBT,
                                    "",
                                    null))
                            : method.invoke(etcd, arguments);
                }));
        TxSession alone = TxEngine.over(links, FakeLinks.SETTINGS).newSession();
        alone.begin();
        Requests.put(alone.kv(), "a", "1");
        alone.commit();
        full.set(true);
        alone.begin();
        Requests.put(alone.kv(), "a", "2");
        assertThatThrownBy(alone::commit).hasMessageContaining("ETCD-00222");
        assertThat(etcd.slots()).as("deleted, and not used again").isEmpty();
        full.set(false);
        alone.begin();
        Requests.put(alone.kv(), "a", "3");
        alone.commit();
        assertThat(etcd.value("a")).isEqualTo("3");
    }
}

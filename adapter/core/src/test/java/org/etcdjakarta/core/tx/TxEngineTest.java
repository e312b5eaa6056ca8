package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAResource.TMJOIN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.link.Durations;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.junit.jupiter.api.Test;

/** No etcd is needed: opening does not wait for it. */
class TxEngineTest {

    private static TxEngine open(TxSettings settings) {
        return TxEngine.open(
                EtcdLinkConfig.builder().endpoints("http://127.0.0.1:1").build(), settings);
    }

    @Test
    void equalConfigurationSharesBranches() throws Exception {
        try (TxEngine first = open(FakeLinks.SETTINGS);
                TxEngine second = open(FakeLinks.SETTINGS);
                TxEngine other = open(new TxSettings("/_other/", 128, "node-1"))) {
            XAResource one = first.newSession().xaResource();
            XAResource two = second.newSession().xaResource();
            assertThat(one.isSameRM(two)).isTrue();
            assertThat(one.isSameRM(other.newSession().xaResource())).isFalse();
            Xid xid = new TestXid("g", "b");
            one.start(xid, TMNOFLAGS);
            two.start(xid, TMJOIN);
            one.end(xid, TMSUCCESS);
            two.end(xid, TMSUCCESS);
            two.rollback(xid);
        }
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> new TxSettings("/x", 128, "n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reservedPrefix '/x'");
        assertThatThrownBy(() -> new TxSettings("/", 128, "n")).hasMessageContaining("reservedPrefix");
        assertThatThrownBy(() -> new TxSettings("/x/", 1, "n")).hasMessageContaining("maxTxnOps 1");
        for (Duration refused : List.of(
                Duration.ZERO, Duration.ofMillis(-1), Duration.ofHours(1).plusMillis(1))) {
            assertThatThrownBy(() -> new TxSettings("/x/", 128, "n", Isolation.SNAPSHOT, refused))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("settlingTime " + Durations.text(refused))
                    .hasMessageContaining("at most 1h");
        }
        assertThatCode(() -> new TxSettings("/x/", 128, "n", Isolation.SNAPSHOT, Duration.ofHours(1)))
                .doesNotThrowAnyException();
    }

    @Test
    void everythingReadIsGuardedUnlessToldOtherwise() {
        TxSettings settings = new TxSettings("/x/", 128, "n");
        assertThat(settings.isolation()).isEqualTo(Isolation.SERIALIZABLE);
        assertThat(settings.settlingTime()).isEqualTo(Duration.ofSeconds(30));
    }
}

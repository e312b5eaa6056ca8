package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose a branch is when its process has died and the node's identifier does not tell. */
class HomeTest {

    private final DirectEtcd etcd = new DirectEtcd();

    private static Xid xid(String identifier) {
        ByteString gtrid = ByteString.copyFrom(new byte[28]).concat(ByteString.copyFromUtf8(identifier));
        return new BranchXid(131077, gtrid, ByteString.copyFromUtf8("b"));
    }

    private TxEngine engine(String home) {
        TxSettings settings = new TxSettings(
                TxSettings.DEFAULT_RESERVED_PREFIX,
                TxSettings.DEFAULT_MAX_TXN_OPS,
                "server",
                TxSettings.DEFAULT_ISOLATION,
                TxSettings.DEFAULT_SETTLING_TIME,
                home);
        return TxEngine.over(new FakeLinks(etcd), settings);
    }

    private void prepare(String home, Xid xid) throws Exception {
        TxSession session = engine(home).newSession();
        XAResource xa = session.xaResource();
        xa.start(xid, TMNOFLAGS);
        session.kv().put(Requests.put("a", "1").build()).get();
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
    }

    @ParameterizedTest
    @CsvSource({
        // identifier, home of the branch, of who asks, is listed
        "1, x, x, true",
        "1, x, y, false",
        "1, x, '', false",
        "1, '', y, true",
        "1, '', '', true",
        "shop-1, x, y, true",
        "shop-1, x, x, true",
    })
    void isListed(String identifier, String home, String asking, boolean listed) throws Exception {
        prepare(home, xid(identifier));
        assertThat(engine(asking).newSession().xaResource().recover(TMSTARTRSCAN))
                .hasSize(listed ? 1 : 0);
    }

    @Test
    void anOperatorSeesAndEndsItAnywhere() throws Exception {
        prepare("x", xid("1"));
        TransactionAdmin admin = engine("y").admin();
        assertThat(admin.list()).hasSize(1);
        admin.rollback(admin.list().get(0).xid());
        assertThat(etcd.value("a")).isEqualTo("(absent)");

        assertThat(admin.list()).hasSize(1);
        assertThat(engine("y").newSession().xaResource().recover(TMSTARTRSCAN))
                .as("the other one would forget it")
                .isEmpty();
        assertThat(engine("x").newSession().xaResource().recover(TMSTARTRSCAN))
                .as("whom it concerns")
                .hasSize(1);
    }
}

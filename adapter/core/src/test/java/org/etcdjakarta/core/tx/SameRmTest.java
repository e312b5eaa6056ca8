package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.Test;

/** Two of ours are one resource manager, whatever a server has wrapped them in. */
class SameRmTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxEngine engine = FakeLinks.engine(etcd);
    private final XAResource one = engine.newSession().xaResource();
    private final XAResource two = engine.newSession().xaResource();
    private final XAResource other = FakeLinks.engine(etcd).newSession().xaResource();

    private interface IsSameRm {
        boolean ask(XAResource with) throws XAException;
    }

    private static XAResource answering(IsSameRm isSameRm) {
        return (XAResource) Proxy.newProxyInstance(
                SameRmTest.class.getClassLoader(), new Class<?>[] {XAResource.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("isSameRM")) {
                        return isSameRm.ask((XAResource) arguments[0]);
                    }
                    throw new InvocationTargetException(new UnsupportedOperationException(method.getName()));
                });
    }

    /** As a server's, which tells what it is asked about to the wrapped one. */
    private static XAResource wrapped(XAResource resource) {
        return answering(resource::isSameRM);
    }

    @Test
    void throughAWrapperOnEitherSideOrBoth() throws Exception {
        assertThat(one.isSameRM(wrapped(two))).isTrue();
        assertThat(wrapped(one).isSameRM(two)).isTrue();
        assertThat(one.isSameRM(wrapped(wrapped(two)))).isTrue();
        assertThat(wrapped(one).isSameRM(wrapped(two))).isTrue();
    }

    @Test
    void notOfAnotherEngine() throws Exception {
        assertThat(one.isSameRM(wrapped(other))).isFalse();
        assertThat(wrapped(other).isSameRM(one)).isFalse();
    }

    @Test
    void strangersAreAskedOnce() throws Exception {
        int[] asked = new int[1];
        XAResource[] stranger = new XAResource[1];
        stranger[0] = answering(with -> {
            asked[0]++;
            return with.isSameRM(stranger[0]);
        });
        assertThat(one.isSameRM(stranger[0])).isFalse();
        assertThat(asked[0]).isEqualTo(1);
        assertThat(one.isSameRM(wrapped(two))).as("nothing is left of it").isTrue();
    }

    @Test
    void strangersMayFail() throws Exception {
        assertThat(one.isSameRM(answering(with -> {
                    throw new XAException(XAException.XAER_RMFAIL);
                })))
                .isFalse();
        assertThat(one.isSameRM(answering(with -> {
                    throw new IllegalStateException("closed");
                })))
                .isFalse();
        assertThat(one.isSameRM(null)).isFalse();
    }
}

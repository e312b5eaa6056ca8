package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import javax.transaction.xa.XAException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

final class XaAssertions {

    private XaAssertions() {}

    /** The call throws an XAException with this code; its message says more than the code. */
    static XAException assertXa(int code, ThrowingCallable call) {
        XAException[] thrown = new XAException[1];
        assertThatThrownBy(call).isInstanceOfSatisfying(XAException.class, e -> {
            assertThat(e.errorCode).as(e.getMessage()).isEqualTo(code);
            assertThat(e.getMessage()).startsWith("ETCD-");
            thrown[0] = e;
        });
        return thrown[0];
    }
}

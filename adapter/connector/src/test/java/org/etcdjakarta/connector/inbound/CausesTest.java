package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.transaction.RollbackException;
import javax.transaction.xa.XAException;
import org.junit.jupiter.api.Test;

class CausesTest {

    /** As Narayana tells why a commit failed, wrapped by WildFly. */
    @Test
    void whatIsSuppressedCountsToo() {
        Exception reason = new IllegalStateException("etcd is away");
        XAException branch = new XAException(XAException.XA_RBROLLBACK);
        branch.initCause(reason);
        RollbackException rolledBack = new RollbackException("could not commit");
        rolledBack.addSuppressed(branch);
        Exception wrapped = new IllegalStateException("delivery", rolledBack);

        assertThat(Causes.of(wrapped)).containsExactly(wrapped, rolledBack, branch, reason);
    }

    @Test
    void aCircleEnds() {
        Exception first = new IllegalStateException("first");
        Exception second = new IllegalStateException("second", first);
        first.initCause(second);

        assertThat(Causes.of(first)).contains(first, second).hasSizeLessThan(100);
    }
}

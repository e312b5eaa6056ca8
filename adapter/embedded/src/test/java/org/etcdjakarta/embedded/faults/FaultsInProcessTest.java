package org.etcdjakarta.embedded.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.KVGrpc;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.Assertions;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.TestClient;
import org.junit.jupiter.api.Test;

/** The same in process, but for what needs a connection. */
class FaultsInProcessTest extends FaultsTest {

    @Override
    TestClient connect(EmbeddedEtcd to) {
        return TestClient.inProcess(to);
    }

    /** There is none: the call ends, and streams beside it live. */
    @Override
    @Test
    void aCutConnectionTakesItsStreamsAlongAndThePutWasApplied() {
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start()) {
            TestClient client = TestClient.inProcess(etcd);
            var watch = client.watching("other");
            etcd.faults().on(KVGrpc.getPutMethod()).next(1).loseAnswer(LostAnswer.CONNECTION_CUT);

            Assertions.assertThatThrownBy(() -> client.put("k")).isInstanceOf(StatusRuntimeException.class);

            assertThat(client.has("k")).isTrue();
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Override
    @Test
    void allConnectionsAreCutAndComeAgain() {
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start();
                TestClient onPort = TestClient.onPort(etcd)) {
            var cut = onPort.watching("k");
            var inProcess = TestClient.inProcess(etcd).watching("k");

            etcd.faults().cutConnections();

            assertThat(cut.end()).isEqualTo(io.grpc.Status.Code.UNAVAILABLE);
            assertThat(inProcess.isOpen()).isTrue();
        }
    }
}

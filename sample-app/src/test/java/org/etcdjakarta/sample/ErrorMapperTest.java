package org.etcdjakarta.sample;

import static org.assertj.core.api.Assertions.assertThat;

import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.junit.jupiter.api.Test;

class ErrorMapperTest {

    private final EtcdException etcd =
            new EtcdUnavailableException("ETCD-00100", "no answer", EtcdException.Effect.NONE, "127.0.0.1:1", null);

    @Test
    void theAdaptersExceptionIsFoundBelowTheServersOnes() {
        Exception wrapped = new IllegalStateException("rolled back", new RuntimeException("commit failed", etcd));
        assertThat(ErrorMapper.find(wrapped, EtcdException.class)).isSameAs(etcd);
    }

    @Test
    void itIsFoundAmongTheSuppressedOnes() {
        Exception cause = new IllegalStateException("end of the branch");
        cause.addSuppressed(new RuntimeException(etcd));
        assertThat(ErrorMapper.find(new RuntimeException("rolled back", cause), EtcdException.class))
                .isSameAs(etcd);
    }

    @Test
    void aCircleOfCausesEnds() {
        RuntimeException first = new RuntimeException("first");
        first.addSuppressed(new RuntimeException("second", first));
        assertThat(ErrorMapper.find(first, EtcdException.class)).isNull();
    }
}

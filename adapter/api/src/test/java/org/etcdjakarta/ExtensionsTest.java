package org.etcdjakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.etcd.jetcd.Cluster;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class ExtensionsTest {

    private static <T> T proxy(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> null));
    }

    @Test
    void extensionIsTheSameObject() {
        EtcdCluster ours = proxy(EtcdCluster.class);

        assertThat(EtcdCluster.of(ours)).isSameAs(ours);
    }

    @Test
    void jetcdsOwnImplementationIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdCluster.of(proxy(Cluster.class)))
                .withMessageContaining("org.etcdjakarta.EtcdCluster");
    }
}

package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.get;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Ports;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;

@WithEtcd
class EndpointSyncIT {

    @Test
    void linkGoesToTheMembersThatTheClusterNames(EtcdServer etcd) {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink link = EtcdLink.open(Links.config(proxy.endpoint()).build())) {
            assertThat(link.endpoints()).containsExactly(proxy.endpoint());
            assertThat(get(link.sync())).containsExactly(etcd.endpoint());
            assertThat(link.endpoints()).containsExactly(etcd.endpoint());
            proxy.cut();
            assertWorks(link);
        }
    }

    @Test
    void intervalDoesItByItself(EtcdServer etcd) {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink link = EtcdLink.open(Links.config(proxy.endpoint())
                        .endpointSyncInterval(Duration.ofSeconds(1))
                        .build())) {
            Awaitility.await().atMost(Links.GENEROUS).untilAsserted(() -> assertThat(link.endpoints())
                    .containsExactly(etcd.endpoint()));
        }
    }

    @Test
    void configuredEndpointsComeBackWhenTheMembersCannotBeReached() {
        // As in a container that announces an address of its own network.
        String unreachable = "http://127.0.0.1:" + Ports.free();
        try (EtcdServer hidden = EtcdServer.builder()
                        .flags("--advertise-client-urls=" + unreachable)
                        .start();
                EtcdLink link = EtcdLink.open(Links.config(hidden.endpoint()).build())) {
            // that nobody is there may show before the answer does
            assertThat(get(link.sync())).contains(unreachable);
            hidden.restart();
            assertWorks(link);
            assertThat(link.endpoints()).containsExactlyInAnyOrder(unreachable, hidden.endpoint());
            // the same answer again does not lead back to where nobody is
            assertThat(get(link.sync())).contains(hidden.endpoint());
            assertWorks(link);
        }
    }

    private static void assertWorks(EtcdLink link) {
        get(link.client().getKVClient().get(bytes("k")));
    }
}

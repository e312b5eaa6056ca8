package org.etcdjakarta.itests.wildfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.wildfly.inside.CommitBesides;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** What WildFly's own recovery manager does with branches that its server has left prepared. Nobody helps it. */
class RecoveryIT {

    @Test
    void afterTheServerIsGone() {
        WebArchive application = Applications.commands();
        try (EtcdServer etcd = EtcdServer.start();
                WildFlyProcess server = WildFlyProcess.fresh("recovery")) {
            Etcdctl witness = etcd.etcdctl();
            server.property("jboss.tx.node.id", "recovery").property("etcd.endpoints", etcd.endpoint());
            server.start();
            server.deploy(application);

            CompletableFuture<?> call = server.send(application, CommitBesides.class, "HALT", "/a", "/b");
            assertThat(call).failsWithin(Duration.ofMinutes(1));
            server.awaitEnd();
            assertThat(witness.keys("/_etcd-jakarta/p/")).hasSize(1);
            assertThat(witness.get("/a")).isEmpty();

            server.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> witness.get("/a").isPresent());
            assertThat(witness.modRevision("/a")).isEqualTo(witness.modRevision("/b"));
            assertThat(witness.keys("/_etcd-jakarta/p/")).isEmpty();
            assertThat(witness.keys("/_etcd-jakarta/i/")).isEmpty();
        }
    }
}

package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.etcdjakarta.itests.support.EtcdMetrics;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.OperateOnDeployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an application has started ends with it: counted in etcd and in the server, from outside. */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
class RedeploySuite {

    private static final Duration GENEROUS = Duration.ofSeconds(90);

    private final EtcdMetrics etcd = new EtcdMetrics(System.getProperty(Etcdctl.ENDPOINT_PROPERTY));

    @SuppressWarnings("NullAway.Init") // by Arquillian
    @ArquillianResource
    Deployer deployer;

    @Deployment(name = "threads", testable = false)
    static WebArchive threads() {
        return ServerThreads.application();
    }

    @Deployment(name = "application", managed = false, testable = false)
    static WebArchive application() {
        return TestApplication.bare(RedeployedApplication.class, Texts.class);
    }

    @Test
    void undeployTakesWatchesAndThreadsWithIt(@ArquillianResource @OperateOnDeployment("threads") URL threads) {
        // The first use of the adapter starts the link of its pool, which stays: that is the state to come back to.
        deployAndUndeploy();
        Map<String, Long> before = ServerThreads.ours(threads);

        for (int i = 0; i < 3; i++) {
            deployAndUndeploy();
        }

        Awaitility.await("threads of the application ended")
                .atMost(GENEROUS)
                .untilAsserted(() -> assertThat(ServerThreads.ours(threads)).isEqualTo(before));
    }

    private void deployAndUndeploy() {
        assertThat(etcd.watches()).isZero();
        deployer.deploy("application");
        try {
            Awaitility.await("the application watches its prefix and its configuration")
                    .atMost(GENEROUS)
                    .untilAsserted(() -> assertThat(etcd.watches()).isGreaterThanOrEqualTo(2));
        } finally {
            deployer.undeploy("application");
        }
        Awaitility.await("watches closed")
                .atMost(GENEROUS)
                .until(() -> etcd.watches() == 0 && etcd.watchStreams() == 0);
    }
}

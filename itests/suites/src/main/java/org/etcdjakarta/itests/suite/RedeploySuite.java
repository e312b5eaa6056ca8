package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.etcdjakarta.itests.support.EtcdMetrics;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.OperateOnDeployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.ShrinkWrap;
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
        return ShrinkWrap.create(WebArchive.class, "threads.war").addClass(ThreadNames.class);
    }

    @Deployment(name = "application", managed = false, testable = false)
    static WebArchive application() {
        return TestApplication.bare(RedeployedApplication.class, Texts.class);
    }

    @Test
    void undeployTakesWatchesAndThreadsWithIt(@ArquillianResource @OperateOnDeployment("threads") URL threads) {
        // The first use of the adapter starts the link of its pool, which stays: that is the state to come back to.
        deployAndUndeploy();
        List<String> before = ours(threads);

        for (int i = 0; i < 3; i++) {
            deployAndUndeploy();
        }

        Awaitility.await("threads of the application ended")
                .atMost(GENEROUS)
                .untilAsserted(() -> assertThat(counted(ours(threads))).isEqualTo(counted(before)));
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

    /** Callback threads of the link come and go with the load; what is counted are the others. */
    private static List<String> ours(URL threads) {
        return namesFrom(threads).stream()
                .filter(name -> name.startsWith("etcd") || name.startsWith("grpc"))
                .filter(name -> !name.contains("-work-"))
                .toList();
    }

    /** How many there are of each name without its numbers. */
    private static Map<String, Long> counted(List<String> names) {
        return names.stream()
                .map(name -> name.replaceAll("\\d+", "N"))
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }

    private static List<String> namesFrom(URL threads) {
        try (var body = new URL(threads, "names").openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new AssertionError("the server's threads cannot be asked for at " + threads, e);
        }
    }
}

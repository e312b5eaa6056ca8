package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URL;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.etcdjakarta.EtcdWatchListener;
import org.etcdjakarta.itests.support.EtcdMetrics;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.OperateOnDeployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Message-driven beans that come and go: where they begin, what they have missed, and which are refused at deployment. */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
class InboundDeploymentSuite {

    private static final String PREFIX = "/inbound-deployed/";
    private static final String CHECKPOINT = "/_etcd-jakarta/c/suite-deployed/0";

    private final Etcdctl witness = Etcdctl.fromSystemProperties();
    private final EtcdMetrics etcd = new EtcdMetrics(System.getProperty(Etcdctl.ENDPOINT_PROPERTY));

    @SuppressWarnings("NullAway.Init") // by Arquillian
    @ArquillianResource
    Deployer deployer;

    @Deployment(name = "threads", testable = false)
    static WebArchive threads() {
        return ServerThreads.application();
    }

    @Deployment(name = "durable", managed = false, testable = false)
    static WebArchive durable() {
        return application("durable", NotingBean.class, "prefix=" + PREFIX, "durableName=suite-deployed");
    }

    @Deployment(name = "gap", managed = false, testable = false)
    static WebArchive gap() {
        return application(
                "gap", GapNotingBean.class, "prefix=" + PREFIX, "durableName=suite-deployed", "startRevision=1");
    }

    @Deployment(name = "nothing", managed = false, testable = false)
    static WebArchive nothing() {
        return application("nothing", NotingBean.class, "durableName=suite-wrong");
    }

    @Deployment(name = "both", managed = false, testable = false)
    static WebArchive both() {
        return application("both", NotingBean.class, "key=/a", "prefix=/a/");
    }

    @Deployment(name = "values", managed = false, testable = false)
    static WebArchive values() {
        return application(
                "values", NotingBean.class, "prefix=/a/", "concurrency=0", "events=changed", "singleton=true");
    }

    private static WebArchive application(String name, Class<? extends EtcdWatchListener> bean, String... properties) {
        return TestApplication.named(name, bean, NotingBean.class, Inbox.class, Names.class, Texts.class)
                .addAsWebInfResource(ActivationXml.of(bean, properties), "ejb-jar.xml");
    }

    @BeforeEach
    void clean() {
        witness.deletePrefix(PREFIX);
        witness.deletePrefix(NotingBean.NOTES);
        witness.deletePrefix("/_etcd-jakarta/c/suite-deployed/");
    }

    @Test
    @Tag("smoke")
    void goesOnWhereItWasUndeployed() {
        deployed("durable", () -> {
            awaitCheckpoint();
            witness.put(PREFIX + "a", "1");
            awaitNotes("PUT /inbound-deployed/a 1");
        });
        witness.put(PREFIX + "a", "2");
        witness.put(PREFIX + "a", "3");
        deployed("durable", () -> {
            awaitNotes("PUT /inbound-deployed/a 1", "PUT /inbound-deployed/a 2", "PUT /inbound-deployed/a 3");
            witness.put(PREFIX + "a", "4");
            awaitNotes(
                    "PUT /inbound-deployed/a 1",
                    "PUT /inbound-deployed/a 2",
                    "PUT /inbound-deployed/a 3",
                    "PUT /inbound-deployed/a 4");
        });
    }

    @Test
    void undeployTakesWatchAndThreadsWithIt(@ArquillianResource @OperateOnDeployment("threads") URL threads) {
        // the first use of the pool starts its link, which stays: that is the state to come back to
        deployedFor("0");
        Map<String, Long> before = ServerThreads.ours(threads);

        for (int i = 1; i <= 3; i++) {
            deployedFor(Integer.toString(i));
        }

        // there may have been more: those of the link that has just been closed
        soon().untilAsserted(() -> assertThat(ServerThreads.ours(threads))
                .allSatisfy((name, number) ->
                        assertThat(number).as(name).isLessThanOrEqualTo(before.getOrDefault(name, 0L))));
    }

    private void deployedFor(String value) {
        deployed("durable", () -> {
            awaitCheckpoint();
            witness.put(PREFIX + "a", value);
            soon().until(() -> notes().contains("PUT /inbound-deployed/a " + value));
        });
    }

    @Test
    @Tag("smoke")
    void gapIsDeliveredWithTheStateInTheTransactionOfTheCheckpoint() {
        long compacted = compactedPuts();

        deployed("gap", () -> {
            String gap = "COMPACTED from 1: /inbound-deployed/a=3,/inbound-deployed/b=1";
            awaitNotes(gap);
            String note = witness.keys(NotingBean.NOTES).get(0);
            assertThat(Long.parseLong(note.substring(NotingBean.NOTES.length())))
                    .isGreaterThanOrEqualTo(compacted);
            assertThat(witness.modRevision(note)).isEqualTo(witness.modRevision(CHECKPOINT));
            witness.put(PREFIX + "a", "4");
            awaitNotes(gap, "PUT /inbound-deployed/a 4");
        });
    }

    /** The interface's own method does nothing, and what follows is delivered. */
    @Test
    @Tag("smoke")
    void gapGoesPastABeanThatDoesNotAskForIt() {
        deployed("durable", this::awaitCheckpoint);
        long revision = compactedPuts();

        deployed("durable", () -> {
            soon().until(() -> recorded() >= revision);
            witness.put(PREFIX + "a", "4");
            awaitNotes("PUT /inbound-deployed/a 4");
        });
    }

    private long compactedPuts() {
        witness.put(PREFIX + "a", "1");
        witness.put(PREFIX + "a", "2");
        witness.put(PREFIX + "b", "1");
        witness.put(PREFIX + "a", "3");
        long revision = witness.revision();
        witness.run("compact", Long.toString(revision));
        return revision;
    }

    @Test
    @Tag("smoke")
    void wrongPropertiesFailTheDeployment() {
        assertRefused("values");
    }

    /** Payara says so in its log, and its container adapter does not pass it on. */
    @Test
    void wrongPropertiesAreNamed() {
        assertRefused("nothing", "key: missing", "prefix: missing");
        assertRefused("both", "key: ", "prefix: ");
        assertRefused("values", "concurrency: ", "events: ", "changed", "singleton: ");
        assertThat(witness.keys("/_etcd-jakarta/c/suite-wrong/")).isEmpty();
    }

    private void assertRefused(String name, String... texts) {
        Throwable refusal = catchThrowable(() -> deployer.deploy(name));
        if (refusal == null) {
            deployer.undeploy(name);
        }
        assertThat(refusal).as(name).isNotNull();
        for (String text : texts) {
            assertThat(refusal).hasStackTraceContaining(text);
        }
    }

    private void deployed(String name, Runnable meanwhile) {
        assertThat(etcd.watches()).isZero();
        deployer.deploy(name);
        try {
            meanwhile.run();
        } finally {
            deployer.undeploy(name);
        }
        soon().until(() -> etcd.watches() == 0 && etcd.watchStreams() == 0);
    }

    /** From then on nothing is missed. */
    private void awaitCheckpoint() {
        soon().until(() -> recorded() > 0);
    }

    private long recorded() {
        return witness.get(CHECKPOINT)
                .flatMap(text -> text.lines()
                        .filter(line -> line.startsWith("revision="))
                        .findFirst())
                .map(line -> Long.parseLong(line.substring("revision=".length())))
                .orElse(0L);
    }

    private void awaitNotes(String... notes) {
        soon().untilAsserted(() -> assertThat(notes()).containsExactly(notes));
    }

    private List<String> notes() {
        return witness.keys(NotingBean.NOTES).stream()
                .map(key -> witness.get(key).orElse(""))
                .toList();
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }
}

package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import jakarta.resource.ResourceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.itests.environment.EtcdForSuites;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Wrong configuration that only shows when it is used deploys, and the first use says what is wrong: to whom, with what, and what to
 * do. A value that is wrong by itself is refused at deployment by servers that validate beans.
 */
@ExtendWith(ArquillianExtension.class)
class BadInputSuite {

    @Deployment
    static WebArchive application() throws IOException {
        String secured = "endpoints=" + System.getProperty(EtcdForSuites.SECURED_ENDPOINT_PROPERTY);
        String factories = factory("nowhere", "endpoints=127.0.0.1:1", "requestTimeout=3s")
                + factory("half", secured, "user=root")
                + factory("right", secured, "user=root", "password=" + EtcdForSuites.SECURED_PASSWORD)
                + factory("wrong", secured, "user=root", "password=guessed")
                + factory("nobody", secured);
        String webXml = resource("descriptors/web.xml").replace("</web-app>", factories + "</web-app>");
        return TestApplication.war(BadInputSuite.class).setWebXML(new StringAsset(webXml));
    }

    @Test
    void noEtcdFailsWithinTheTimeoutAndNamesTheEndpoint() {
        long start = System.nanoTime();
        Throwable failure = catchThrowable(() -> use("nowhere"));

        // The request timeout is 3 s; the rest is for a busy machine.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(failure)
                .hasStackTraceContaining("ETCD-00102")
                .hasStackTraceContaining("http://127.0.0.1:1")
                .hasStackTraceContaining("nothing was written")
                .hasStackTraceContaining("Check that etcd runs");
    }

    @Test
    void halfOfWhatBelongsTogetherIsNamedWithItsProperty() {
        assertThat(catchThrowable(() -> use("half")))
                .hasStackTraceContaining("ETCD-00303")
                .hasStackTraceContaining("password: missing")
                .hasStackTraceContaining("user is \"root\"");
    }

    @Test
    void rightCredentialsWork() {
        assertThat(catchThrowable(() -> use("right"))).isNull();
    }

    @Test
    void wrongPasswordNamesTheUserAndNotThePassword() {
        Throwable failure = catchThrowable(() -> use("wrong"));

        assertThat(failure).hasStackTraceContaining("ETCD-00104").hasStackTraceContaining("\"root\"");
        assertThat(messages(failure)).doesNotContain("guessed");
    }

    @Test
    void missingCredentialsAreAskedFor() {
        assertThat(catchThrowable(() -> use("nobody")))
                .hasStackTraceContaining("ETCD-00105")
                .hasStackTraceContaining("user and password");
    }

    private static void use(String name) throws Exception {
        EtcdConnectionFactory factory = Names.find("java:app/eis/" + name);
        try (EtcdConnection connection = factory.getConnection()) {
            Texts.put(connection.kv(), "/bad-input/key", "1");
        } catch (ResourceException e) {
            throw new AssertionError(messages(e), e);
        }
    }

    private static String messages(Throwable failure) {
        return String.join(
                "\n",
                Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                        .map(String::valueOf)
                        .toList());
    }

    private static String factory(String name, String... properties) {
        StringBuilder xml = new StringBuilder("<connection-factory><name>java:app/eis/")
                .append(name)
                .append("</name><interface-name>org.etcdjakarta.EtcdConnectionFactory</interface-name>")
                .append("<resource-adapter>etcd-jakarta</resource-adapter>")
                .append("<transaction-support>XATransaction</transaction-support>");
        for (String property : properties) {
            String[] parts = property.split("=", 2);
            xml.append("<property><name>")
                    .append(parts[0])
                    .append("</name><value>")
                    .append(parts[1])
                    .append("</value></property>");
        }
        return xml.append("</connection-factory>").toString();
    }

    private static String resource(String name) throws IOException {
        try (InputStream content = BadInputSuite.class.getClassLoader().getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(content).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

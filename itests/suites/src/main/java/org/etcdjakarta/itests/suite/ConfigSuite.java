package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Configuration from etcd, live. */
@ExtendWith(ArquillianExtension.class)
class ConfigSuite {

    private final Etcdctl witness = Etcdctl.fromSystemProperties();

    @Inject
    Settings settings;

    @Deployment
    static WebArchive application() {
        return TestApplication.war(ConfigSuite.class, Settings.class);
    }

    @AfterEach
    void clean() {
        witness.deletePrefix("/config/suite/");
    }

    @Test
    @Tag("smoke")
    void suppliedValueFollowsItsKey() {
        assertThat(settings.greeting.get()).isEqualTo("default");

        witness.put("/config/suite/greeting", "hello");
        awaitGreeting("hello");

        witness.put("/config/suite/greeting", "good evening");
        awaitGreeting("good evening");

        witness.delete("/config/suite/greeting");
        awaitGreeting("default");
    }

    @Test
    void suppliedValueIsConverted() {
        witness.put("/config/suite/limit", "250");

        Awaitility.await("converted value").atMost(60, TimeUnit.SECONDS).until(() -> settings.limit.get() == 250);
    }

    private void awaitGreeting(String expected) {
        Awaitility.await("value " + expected)
                .atMost(60, TimeUnit.SECONDS)
                .until(() -> settings.greeting.get().equals(expected));
    }

    /** Where an application has its settings. */
    @Dependent
    static class Settings {

        @Inject
        @ConfigProperty(name = "suite.greeting", defaultValue = "default")
        Supplier<String> greeting;

        @Inject
        @ConfigProperty(name = "suite.limit", defaultValue = "100")
        Supplier<Integer> limit;
    }
}

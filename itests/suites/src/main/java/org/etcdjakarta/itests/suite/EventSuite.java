package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.cdi.EtcdWatch;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** CDI events from watches. */
@ExtendWith(ArquillianExtension.class)
class EventSuite {

    private final Etcdctl witness = Etcdctl.fromSystemProperties();

    @Inject
    Observer observer;

    @Deployment
    static WebArchive application() {
        return TestApplication.war(EventSuite.class, Observer.class);
    }

    @BeforeEach
    void watching() {
        Awaitility.await("the watch is there").atMost(60, TimeUnit.SECONDS).until(() -> {
            witness.put("/event/probe", "?");
            return !observer.below().isEmpty();
        });
        witness.deletePrefix("/event/");
        Awaitility.await("probe deleted")
                .atMost(60, TimeUnit.SECONDS)
                .until(() -> observer.below().get(observer.below().size() - 1).startsWith("DELETE /event/probe"));
        observer.below().clear();
        observer.single().clear();
    }

    @Test
    void changesBelowThePrefixArriveInTheirOrderWithTheirRevision() {
        witness.put("/event/b", "1");
        long first = witness.revision();
        witness.put("/event/a", "2");
        witness.delete("/event/b");
        witness.put("/events", "outside of the prefix");
        witness.put("/event/c", "3");

        Awaitility.await("all events").atMost(60, TimeUnit.SECONDS).untilAsserted(() -> assertThat(observer.below())
                .containsExactly(
                        "PUT /event/b=1@" + first,
                        "PUT /event/a=2@" + (first + 1),
                        "DELETE /event/b=null@" + (first + 2),
                        "PUT /event/c=3@" + (first + 4)));
    }

    @Test
    void literalWithoutSlashAtItsEndIsOneKey() {
        witness.put("/event/single/other", "1");
        witness.put("/event/single", "2");

        Awaitility.await("the event").atMost(60, TimeUnit.SECONDS).untilAsserted(() -> assertThat(observer.single())
                .containsExactly("PUT /event/single=2"));
    }

    /** An observer as an application has it. */
    @ApplicationScoped
    static class Observer {

        private final List<String> below = new CopyOnWriteArrayList<>();
        private final List<String> single = new CopyOnWriteArrayList<>();

        // Methods, not fields: a field of the client proxy is not the bean's.
        List<String> below() {
            return below;
        }

        List<String> single() {
            return single;
        }

        void onBelow(@Observes @EtcdWatch("/event/") EtcdEvent<String> event) {
            below.add(event.type() + " " + event.key() + "=" + event.value() + "@" + event.revision());
        }

        void onSingle(@Observes @EtcdWatch("/event/single") EtcdEvent<String> event) {
            single.add(event.type() + " " + event.key() + "=" + event.value());
        }
    }
}

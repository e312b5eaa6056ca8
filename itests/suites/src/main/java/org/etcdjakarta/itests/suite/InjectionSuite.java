package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.watch.WatchEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** jetcd's interfaces, injected by type. */
@ExtendWith(ArquillianExtension.class)
class InjectionSuite {

    private static final String A = "/injection/a";
    private static final String B = "/injection/b";

    private final Etcdctl witness = Etcdctl.fromSystemProperties();

    @Inject
    Orders orders;

    @Inject
    KV kv;

    @Inject
    Lease lease;

    @Inject
    Watch watch;

    @Deployment
    static WebArchive application() {
        return TestApplication.war(InjectionSuite.class, Orders.class);
    }

    @BeforeEach
    void clean() {
        witness.deletePrefix("/injection/");
    }

    @Test
    @Tag("smoke")
    void withoutATransactionEachCallIsItsOwn() {
        Texts.put(kv, A, "1");

        assertThat(witness.get(A)).hasValue("1");
        assertThat(Texts.get(kv, A)).hasValue("1");
    }

    @Test
    @Tag("smoke")
    void joinsTheCallersTransactionAndCommitsWithIt() {
        orders.place();

        assertThat(witness.get(A)).isPresent();
        assertThat(witness.modRevision(A)).isEqualTo(witness.modRevision(B));
    }

    @Test
    @Tag("smoke")
    void rollsBackWithTheCallersTransaction() {
        assertThatThrownBy(() -> orders.placeAndFail()).isInstanceOf(IllegalStateException.class);

        assertThat(witness.get(A)).isEmpty();
        assertThat(witness.get(B)).isEmpty();
    }

    @Test
    void leaseTakesItsKeysWithIt() {
        long id = lease.grant(600).join().getID();
        PutOption leased = PutOption.builder().withLeaseId(id).build();
        kv.put(Texts.bytes(A), Texts.bytes("1"), leased).join();
        assertThat(witness.get(A)).hasValue("1");

        lease.revoke(id).join();

        assertThat(witness.get(A)).isEmpty();
    }

    @Test
    void watchDeliversChangesOfOthersInOrder() {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (Watch.Watcher watcher = watch.watch(Texts.bytes(A), response -> {
            for (WatchEvent event : response.getEvents()) {
                seen.add(event.getEventType() + " "
                        + Texts.text(event.getKeyValue().getValue()));
            }
        })) {
            assertThat(watcher.isClosed()).isFalse();
            // A watch without a start revision begins when the server has created it: earlier changes are not for it.
            Awaitility.await("first event").atMost(60, TimeUnit.SECONDS).until(() -> {
                witness.put(A, "probe");
                return !seen.isEmpty();
            });
            witness.put(A, "last");
            witness.delete(A);
            Awaitility.await("deletion").atMost(60, TimeUnit.SECONDS).until(() -> seen.contains("DELETE "));
        }

        assertThat(seen.subList(seen.size() - 2, seen.size())).containsExactly("PUT last", "DELETE ");
    }

    /** The caller whose transaction is joined. */
    @ApplicationScoped
    static class Orders {

        @Inject
        KV kv;

        @Transactional
        public void place() {
            Texts.put(kv, A, "1");
            Texts.put(kv, B, "2");
        }

        @Transactional
        public void placeAndFail() {
            place();
            throw new IllegalStateException("on purpose");
        }
    }
}

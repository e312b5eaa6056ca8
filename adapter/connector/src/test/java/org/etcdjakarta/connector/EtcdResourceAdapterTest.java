package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.transaction.Status;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EtcdResourceAdapterTest {

    private final EtcdResourceAdapter adapter = new EtcdResourceAdapter();

    @Test
    void startsAndStopsAgainAndAgain() {
        AtomicInteger status = new AtomicInteger(Status.STATUS_ACTIVE);
        for (int i = 0; i < 3; i++) {
            adapter.start(Containers.lending(status));
            assertThat(adapter.inActiveTransaction()).isTrue();
            adapter.stop();
            adapter.stop();
            assertThat(adapter.inActiveTransaction()).isFalse();
        }
    }

    @Test
    void severalLiveSideBySide() {
        EtcdResourceAdapter other = new EtcdResourceAdapter();
        adapter.start(Containers.lending(new AtomicInteger(Status.STATUS_ACTIVE)));
        other.start(Containers.lending(Containers.noTransaction()));
        assertThat(adapter.inActiveTransaction()).isTrue();
        assertThat(other.inActiveTransaction()).isFalse();
        other.stop();
        assertThat(adapter.inActiveTransaction()).isTrue();
    }

    @Test
    void onlyTransactionsThatWorkCanJoinAreActive() {
        AtomicInteger status = Containers.noTransaction();
        adapter.start(Containers.lending(status));
        for (int joinable : new int[] {Status.STATUS_ACTIVE, Status.STATUS_MARKED_ROLLBACK}) {
            status.set(joinable);
            assertThat(adapter.inActiveTransaction()).isTrue();
        }
        for (int over : new int[] {
            Status.STATUS_NO_TRANSACTION, Status.STATUS_COMMITTED, Status.STATUS_ROLLEDBACK, Status.STATUS_COMMITTING
        }) {
            status.set(over);
            assertThat(adapter.inActiveTransaction()).isFalse();
        }
    }

    @Test
    void serverWithoutARegistryIsNeverInATransaction() {
        adapter.start(Containers.fake(jakarta.resource.spi.BootstrapContext.class, method -> null));
        assertThat(adapter.inActiveTransaction()).isFalse();
    }

    @Test
    void recoversForSpecificationsThatItHasNeverSeenOneResourceForEachManager() throws ResourceException {
        assertThat(adapter.getXAResources(null)).isEmpty();
        assertThat(adapter.getXAResources(new ActivationSpec[0])).isEmpty();

        EtcdActivationSpec one = spec("http://127.0.0.1:1");
        EtcdActivationSpec same = spec("http://127.0.0.1:1");
        EtcdActivationSpec other = spec("http://127.0.0.1:2");
        EtcdActivationSpec wrong = spec("http://127.0.0.1:1");
        wrong.setRequestTimeout("soon");
        EtcdActivationSpec unreadable = spec("https://127.0.0.1:1");
        unreadable.setTlsTrust("/there/is/no/such/file.pem");
        assertThat(adapter.getXAResources(new ActivationSpec[] {one, wrong, unreadable, same, other}))
                .hasSize(2);
    }

    private static EtcdActivationSpec spec(String endpoint) {
        EtcdActivationSpec spec = new EtcdActivationSpec();
        spec.setPrefix("/orders/");
        spec.setEndpoints(endpoint);
        return spec;
    }

    @Test
    void activationOfWhatIsNotOursIsRefusedAndDeactivatedAllTheSame() {
        assertThatThrownBy(() -> adapter.endpointActivation(null, null))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("ETCD-00307");
        adapter.endpointDeactivation(null, null);
    }
}

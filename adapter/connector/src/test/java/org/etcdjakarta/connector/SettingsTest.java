package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.LinkProperty;
import org.etcdjakarta.core.tx.Isolation;
import org.etcdjakarta.core.tx.TxSettings;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private final EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
    private final EtcdResourceAdapter adapter = new EtcdResourceAdapter();
    private final Map<String, String> systemProperties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final Settings settings = new Settings(factory, adapter, systemProperties::get, environment::get);

    private EtcdLinkConfig link() throws InvalidPropertyException {
        return settings.link(settings.credential());
    }

    @Test
    void factoryThenAdapterThenSystemPropertyThenEnvironmentThenDefault() throws InvalidPropertyException {
        assertThat(link().endpoints()).containsExactly("http://127.0.0.1:2379");
        environment.put("ETCD_ENDPOINTS", "environment:1");
        assertThat(link().endpoints()).containsExactly("http://environment:1");
        systemProperties.put("etcd.endpoints", "system:1");
        assertThat(link().endpoints()).containsExactly("http://system:1");
        adapter.setEndpoints("adapter:1");
        assertThat(link().endpoints()).containsExactly("http://adapter:1");
        factory.setEndpoints("factory:1, factory:2");
        assertThat(link().endpoints()).containsExactly("http://factory:1", "http://factory:2");
    }

    @Test
    void blankSystemPropertyIsNotGiven() throws InvalidPropertyException {
        systemProperties.put("etcd.endpoints", " ");
        environment.put("ETCD_ENDPOINTS", "environment:1");
        assertThat(link().endpoints()).containsExactly("http://environment:1");
    }

    @Test
    void namesFollowMicroProfileConfig() throws InvalidPropertyException {
        systemProperties.put("etcd.request-timeout", "1500ms");
        environment.put("ETCD_DIAL_TIMEOUT", "PT3S");
        environment.put("ETCD_NAMESPACE", "/app/");
        EtcdLinkConfig link = link();
        assertThat(link.requestTimeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(link.dialTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(link.namespace()).isEqualTo("/app/");
        assertThat(Property.TLS_TRUST.environmentVariable()).isEqualTo("ETCD_TLS_TRUST");
        assertThat(Property.ISOLATION.environmentVariable()).isEqualTo("ETCD_ISOLATION");
        assertThat(Property.SETTLING_TIME.environmentVariable()).isEqualTo("ETCD_SETTLING_TIME");
        assertThat(Property.MAX_TXN_OPS.environmentVariable()).isEqualTo("ETCD_MAX_TXN_OPS");
    }

    @Test
    void worksWithoutAnAdapter() throws InvalidPropertyException {
        Settings alone = new Settings(factory, null, systemProperties::get, environment::get);
        assertThat(alone.tx().reservedPrefix()).isEqualTo(TxSettings.DEFAULT_RESERVED_PREFIX);
        assertThat(alone.tx().maxTxnOps()).isEqualTo(TxSettings.DEFAULT_MAX_TXN_OPS);
        assertThat(alone.tx().isolation()).isEqualTo(Isolation.SERIALIZABLE);
        assertThat(alone.tx().settlingTime()).isEqualTo(Duration.ofSeconds(30));
        assertThat(alone.transactionSupport()).isEqualTo(TransactionSupportLevel.XATransaction);
    }

    @Test
    void readsTransactionSettings() throws InvalidPropertyException {
        factory.setMaxTxnOps("512");
        adapter.setReservedPrefix("/reserved/");
        adapter.setTransactionSupport("NoTransaction");
        assertThat(settings.tx().maxTxnOps()).isEqualTo(512);
        assertThat(settings.tx().reservedPrefix()).isEqualTo("/reserved/");
        assertThat(settings.tx().node()).isNotBlank();
        assertThat(settings.transactionSupport()).isEqualTo(TransactionSupportLevel.NoTransaction);
        factory.setTransactionSupportLevel("LocalTransaction");
        assertThat(settings.transactionSupport()).isEqualTo(TransactionSupportLevel.LocalTransaction);
    }

    @Test
    void isolationIsReadInAnyCase() throws InvalidPropertyException {
        systemProperties.put("etcd.isolation", " snapshot ");
        assertThat(settings.tx().isolation()).isEqualTo(Isolation.SNAPSHOT);
        adapter.setIsolation("Read_Committed");
        assertThat(settings.tx().isolation()).isEqualTo(Isolation.READ_COMMITTED);
        factory.setIsolation("SERIALIZABLE");
        assertThat(settings.tx().isolation()).isEqualTo(Isolation.SERIALIZABLE);
    }

    @Test
    void settlingTimeIsADuration() throws InvalidPropertyException {
        environment.put("ETCD_SETTLING_TIME", "PT1H");
        assertThat(settings.tx().settlingTime()).isEqualTo(Duration.ofHours(1));
        factory.setSettlingTime("1500ms");
        assertThat(settings.tx().settlingTime()).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void wrongIsolationIsNamed() {
        factory.setIsolation("REPEATABLE_READ");
        assertThatThrownBy(settings::tx)
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("isolation (etcd.isolation): \"REPEATABLE_READ\"")
                .hasMessageContaining("SERIALIZABLE, SNAPSHOT or READ_COMMITTED");
    }

    @Test
    void wrongSettlingTimeIsNamed() {
        factory.setSettlingTime("5 parsecs");
        assertThatThrownBy(settings::tx)
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("settlingTime")
                .hasMessageContaining("5 parsecs")
                .hasMessageContaining("500ms");
        for (String refused : List.of("0s", "61m")) {
            factory.setSettlingTime(refused);
            assertThatThrownBy(settings::tx)
                    .isInstanceOf(InvalidPropertyException.class)
                    .hasMessageContaining("ETCD-00303")
                    .hasMessageContaining("settlingTime " + refused)
                    .hasMessageContaining("more than 0 and at most 1h");
        }
    }

    @Test
    void wrongEndpointIsNamed() {
        factory.setEndpoints("ftp://somewhere");
        assertThatThrownBy(this::link)
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("endpoints")
                .hasMessageContaining("ftp://somewhere")
                .hasMessageContaining("ETCD-00303");
    }

    @Test
    void wrongDurationIsNamed() {
        adapter.setRequestTimeout("5 parsecs");
        assertThatThrownBy(this::link)
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("requestTimeout")
                .hasMessageContaining("5 parsecs")
                .hasMessageContaining("500ms");
    }

    @Test
    void wrongTransactionSettingsAreNamed() {
        for (String refused : List.of("0", "2", "5")) {
            factory.setMaxTxnOps(refused);
            assertThatThrownBy(settings::tx)
                    .isInstanceOf(InvalidPropertyException.class)
                    .hasMessageContaining("maxTxnOps " + refused)
                    .hasMessageContaining("at least 6");
        }
        factory.setMaxTxnOps("many");
        assertThatThrownBy(settings::tx)
                .hasMessageContaining("maxTxnOps (etcd.max-txn-ops): \"many\"")
                .hasMessageContaining("from 6");
        factory.setMaxTxnOps(null);
        for (String refused : List.of("/reserved", "/")) {
            factory.setReservedPrefix(refused);
            assertThatThrownBy(settings::tx)
                    .isInstanceOf(InvalidPropertyException.class)
                    .hasMessageContaining("reservedPrefix '" + refused + "'")
                    .hasMessageContaining("end in '/'");
        }
        factory.setTransactionSupportLevel("Sometimes");
        assertThatThrownBy(settings::transactionSupport)
                .hasMessageContaining("transactionSupport (etcd.transaction-support): \"Sometimes\"")
                .hasMessageContaining("XATransaction, LocalTransaction or NoTransaction");
    }

    @Test
    void passwordIsNotInAnyMessage() {
        factory.setPassword("s3cret");
        assertThatThrownBy(this::link)
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("user")
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void everySettingOfTheLinkIsAProperty() {
        assertThat(Arrays.stream(Property.values()).map(Property::link).filter(Objects::nonNull))
                .containsExactly(LinkProperty.values());
    }

    @Test
    void settingsReachTheLink() throws InvalidPropertyException {
        factory.setKeepAliveTime("20s");
        adapter.setKeepAliveTimeout("3s");
        systemProperties.put("etcd.keep-alive-without-calls", "true");
        environment.put("ETCD_MAX_INBOUND_MESSAGE_SIZE", "4096");
        factory.setMaxOutboundMessageSize("8192");
        factory.setEndpointSyncInterval("5m");
        adapter.setSessionTtl("30s");
        EtcdLinkConfig link = link();
        assertThat(link.keepAliveTime()).isEqualTo(Duration.ofSeconds(20));
        assertThat(link.keepAliveTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(link.keepAliveWithoutCalls()).isTrue();
        assertThat(link.maxInboundMessageSize()).isEqualTo(4096);
        assertThat(link.maxOutboundMessageSize()).isEqualTo(8192);
        assertThat(link.endpointSyncInterval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(link.sessionTtl()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void wrongTlsFileIsNamed() {
        factory.setEndpoints("https://a:1");
        adapter.setTlsTrustStore("/no/such.p12");
        assertThatThrownBy(this::link)
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("tlsTrustStore: \"/no/such.p12\"");
    }
}

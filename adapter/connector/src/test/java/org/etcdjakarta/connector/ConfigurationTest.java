package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.connector.Containers.copyBySerialization;

import jakarta.resource.ResourceException;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class ConfigurationTest {

    private static final Map<Property, BiConsumer<EtcdProperties, String>> SHARED = Map.ofEntries(
            Map.entry(Property.ENDPOINTS, EtcdProperties::setEndpoints),
            Map.entry(Property.USER, EtcdProperties::setUser),
            Map.entry(Property.PASSWORD, EtcdProperties::setPassword),
            Map.entry(Property.NAMESPACE, EtcdProperties::setNamespace),
            Map.entry(Property.REQUEST_TIMEOUT, EtcdProperties::setRequestTimeout),
            Map.entry(Property.DIAL_TIMEOUT, EtcdProperties::setDialTimeout),
            Map.entry(Property.KEEP_ALIVE_TIME, EtcdProperties::setKeepAliveTime),
            Map.entry(Property.KEEP_ALIVE_TIMEOUT, EtcdProperties::setKeepAliveTimeout),
            Map.entry(Property.KEEP_ALIVE_WITHOUT_CALLS, EtcdProperties::setKeepAliveWithoutCalls),
            Map.entry(Property.MAX_INBOUND_MESSAGE_SIZE, EtcdProperties::setMaxInboundMessageSize),
            Map.entry(Property.MAX_OUTBOUND_MESSAGE_SIZE, EtcdProperties::setMaxOutboundMessageSize),
            Map.entry(Property.ENDPOINT_SYNC_INTERVAL, EtcdProperties::setEndpointSyncInterval),
            Map.entry(Property.SESSION_TTL, EtcdProperties::setSessionTtl),
            Map.entry(Property.TLS_TRUST, EtcdProperties::setTlsTrust),
            Map.entry(Property.TLS_CERTIFICATE, EtcdProperties::setTlsCertificate),
            Map.entry(Property.TLS_KEY, EtcdProperties::setTlsKey),
            Map.entry(Property.TLS_KEY_PASSWORD, EtcdProperties::setTlsKeyPassword),
            Map.entry(Property.TLS_TRUST_STORE, EtcdProperties::setTlsTrustStore),
            Map.entry(Property.TLS_TRUST_STORE_PASSWORD, EtcdProperties::setTlsTrustStorePassword),
            Map.entry(Property.TLS_KEY_STORE, EtcdProperties::setTlsKeyStore),
            Map.entry(Property.TLS_KEY_STORE_PASSWORD, EtcdProperties::setTlsKeyStorePassword),
            Map.entry(Property.TLS_SERVER_NAME, EtcdProperties::setTlsServerName),
            Map.entry(Property.ISOLATION, EtcdProperties::setIsolation),
            Map.entry(Property.SETTLING_TIME, EtcdProperties::setSettlingTime),
            Map.entry(Property.MAX_TXN_OPS, EtcdProperties::setMaxTxnOps),
            Map.entry(Property.RESERVED_PREFIX, EtcdProperties::setReservedPrefix));

    @Test
    void everyPropertyCountsForEquality() {
        assertThat(SHARED).hasSize(Property.values().length - 1);
        for (List<EtcdProperties> pair : List.<List<EtcdProperties>>of(
                List.of(new EtcdResourceAdapter(), new EtcdResourceAdapter()),
                List.of(new EtcdManagedConnectionFactory(), new EtcdManagedConnectionFactory()))) {
            SHARED.forEach((property, setter) -> {
                setter.accept(pair.get(0), "value of " + property);
                assertThat(pair.get(0)).as("%s", property).isNotEqualTo(pair.get(1));
                setter.accept(pair.get(1), "value of " + property);
                assertThat(pair.get(0)).isEqualTo(pair.get(1)).hasSameHashCodeAs(pair.get(1));
            });
        }
    }

    @Test
    void everySetterShowsInItsGetter() {
        EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
        SHARED.forEach((property, setter) -> setter.accept(factory, "value of " + property));
        assertThat(List.of(
                        factory.getEndpoints(),
                        factory.getUser(),
                        factory.getPassword(),
                        factory.getNamespace(),
                        factory.getRequestTimeout(),
                        factory.getDialTimeout(),
                        factory.getKeepAliveTime(),
                        factory.getKeepAliveTimeout(),
                        factory.getKeepAliveWithoutCalls(),
                        factory.getMaxInboundMessageSize(),
                        factory.getMaxOutboundMessageSize(),
                        factory.getEndpointSyncInterval(),
                        factory.getSessionTtl(),
                        factory.getTlsTrust(),
                        factory.getTlsCertificate(),
                        factory.getTlsKey(),
                        factory.getTlsKeyPassword(),
                        factory.getTlsTrustStore(),
                        factory.getTlsTrustStorePassword(),
                        factory.getTlsKeyStore(),
                        factory.getTlsKeyStorePassword(),
                        factory.getTlsServerName(),
                        factory.getIsolation(),
                        factory.getSettlingTime(),
                        factory.getMaxTxnOps(),
                        factory.getReservedPrefix()))
                .containsExactlyElementsOf(SHARED.keySet().stream()
                        .sorted()
                        .map(property -> "value of " + property)
                        .toList());
    }

    @Test
    void transactionSupportCountsForEquality() {
        EtcdManagedConnectionFactory one = new EtcdManagedConnectionFactory();
        one.setTransactionSupportLevel("NoTransaction");
        assertThat(one).isNotEqualTo(new EtcdManagedConnectionFactory());
        EtcdManagedConnectionFactory two = new EtcdManagedConnectionFactory();
        two.setTransactionSupport("NoTransaction");
        assertThat(one).isEqualTo(two);
        assertThat(two.getTransactionSupportLevel()).isEqualTo("NoTransaction");
    }

    @Test
    void adapterAndFactoryAreNeverEqual() {
        assertThat(new EtcdResourceAdapter()).isNotEqualTo(new EtcdManagedConnectionFactory());
        assertThat(new EtcdManagedConnectionFactory()).isNotEqualTo(new EtcdResourceAdapter());
    }

    @Test
    void factoriesOfDifferentAdaptersDifferButKeepTheirHashCode() throws ResourceException {
        EtcdManagedConnectionFactory one = new EtcdManagedConnectionFactory();
        EtcdManagedConnectionFactory two = new EtcdManagedConnectionFactory();
        int hashBefore = one.hashCode();
        EtcdResourceAdapter elsewhere = new EtcdResourceAdapter();
        elsewhere.setEndpoints("elsewhere:2379");
        one.setResourceAdapter(elsewhere);
        two.setResourceAdapter(new EtcdResourceAdapter());
        assertThat(one).isNotEqualTo(two).hasSameHashCodeAs(two);
        assertThat(one.hashCode()).isEqualTo(hashBefore);
    }

    @Test
    void nullAndTheEmptyTextMeanNotGiven() {
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.setUser("root");
        adapter.setUser(null);
        assertThat(adapter).isEqualTo(new EtcdResourceAdapter());
        adapter.setUser("root");
        adapter.setUser("  ");
        assertThat(adapter.getUser()).isNull();
    }

    @Test
    void passwordIsNeverShown() {
        EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
        factory.setUser("root");
        factory.setPassword("s3cret");
        factory.setTlsKeyPassword("s3cret");
        factory.setTlsTrustStorePassword("s3cret");
        factory.setTlsKeyStorePassword("s3cret");
        assertThat(factory.toString())
                .contains("user=root", "tlsKeyStorePassword=***")
                .doesNotContain("s3cret");
        factory.setEndpoints("http://root:s3cret@etcd:2379");
        assertThat(factory.toString()).contains("etcd:2379").doesNotContain("s3cret");
        assertThat(new EtcdConnectionRequestInfo("root", "s3cret").toString()).doesNotContain("s3cret");
        assertThat(new Credential("root", "s3cret").toString()).doesNotContain("s3cret");
    }

    @Test
    void factoryAndItsAdapterSurviveSerialization() throws Exception {
        EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.setEndpoints("a:1,b:2");
        adapter.start(Containers.lending(Containers.noTransaction()));
        factory.setResourceAdapter(adapter);
        factory.setNamespace("/app/");
        assertThat(copyBySerialization(factory, EtcdManagedConnectionFactory.class))
                .isEqualTo(factory)
                .hasSameHashCodeAs(factory);
    }

    @Test
    void requestInfosAreEqualByUserAndPassword() {
        assertThat(new EtcdConnectionRequestInfo("a", "b"))
                .isEqualTo(new EtcdConnectionRequestInfo("a", "b"))
                .hasSameHashCodeAs(new EtcdConnectionRequestInfo("a", "b"))
                .isNotEqualTo(new EtcdConnectionRequestInfo("a", "c"))
                .isNotEqualTo(new EtcdConnectionRequestInfo("c", "b"));
    }
}

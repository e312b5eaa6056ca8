package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.beans.PropertyDescriptor;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.etcdjakarta.connector.inbound.ActivationSettings;
import org.junit.jupiter.api.Test;

/** What a message-driven bean may ask for; checked without etcd and without the adapter. */
class EtcdActivationSpecTest {

    private static EtcdActivationSpec spec() {
        EtcdActivationSpec spec = new EtcdActivationSpec();
        spec.setPrefix("/orders/");
        return spec;
    }

    private static List<String> wrong(EtcdActivationSpec spec) {
        InvalidPropertyException refusal = catchThrowableOfType(InvalidPropertyException.class, spec::validate);
        assertThat(refusal).isNotNull();
        List<String> names = Arrays.stream(refusal.getInvalidPropertyDescriptors())
                .map(PropertyDescriptor::getName)
                .toList();
        assertThat(refusal.getMessage()).contains("ETCD-00305").contains(names);
        return names;
    }

    private static List<String> wrongWith(Consumer<EtcdActivationSpec> change) {
        EtcdActivationSpec spec = spec();
        change.accept(spec);
        return wrong(spec);
    }

    @Test
    void defaults() throws ResourceException {
        EtcdActivationSpec spec = spec();
        spec.validate();
        ActivationSettings settings = new ActivationCheck(spec, null).settings();
        assertThat(settings.watched()).isEqualTo("/orders/");
        assertThat(settings.prefix()).isTrue();
        assertThat(settings.startRevision()).isZero();
        assertThat(settings.puts()).isTrue();
        assertThat(settings.deletes()).isTrue();
        assertThat(settings.prevValue()).isFalse();
        assertThat(settings.durableName()).isNull();
        assertThat(settings.singleton()).isFalse();
        assertThat(settings.concurrency()).isEqualTo(1);
        assertThat(settings.maxRedeliveries()).isEqualTo(-1);
        assertThat(settings.redeliveryDelay()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.deadLetterPrefix()).isNull();
    }

    @Test
    void everythingThatCanBeAskedFor() throws ResourceException {
        EtcdActivationSpec spec = new EtcdActivationSpec();
        spec.setKey("/orders/1");
        spec.setStartRevision("7");
        spec.setEvents(" Delete ");
        spec.setPrevValue("true");
        spec.setDurableName("order-audit.2");
        spec.setSingleton("TRUE");
        spec.setConcurrency("256");
        spec.setRedeliveryDelay("PT1M");
        spec.setDeadLetterPrefix("/dead/");
        ActivationSettings settings = new ActivationCheck(spec, null).settings();
        assertThat(settings.prefix()).isFalse();
        assertThat(settings.startRevision()).isEqualTo(7);
        assertThat(settings.puts()).isFalse();
        assertThat(settings.deletes()).isTrue();
        assertThat(settings.prevValue()).isTrue();
        assertThat(settings.singleton()).isTrue();
        assertThat(settings.concurrency()).isEqualTo(256);
        assertThat(settings.maxRedeliveries()).isEqualTo(10);
        assertThat(settings.redeliveryDelay()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void oneOfKeyAndPrefix() {
        assertThat(wrong(new EtcdActivationSpec())).containsExactly("key", "prefix");
        assertThat(wrongWith(spec -> spec.setKey("/orders/1"))).containsExactly("key", "prefix");
    }

    @Test
    void wrongValuesAreNamed() {
        assertThat(wrongWith(spec -> spec.setStartRevision("-1"))).containsExactly("startRevision");
        assertThat(wrongWith(spec -> spec.setStartRevision("now"))).containsExactly("startRevision");
        assertThat(wrongWith(spec -> spec.setEvents("put,change"))).containsExactly("events");
        assertThat(wrongWith(spec -> spec.setEvents("put,"))).containsExactly("events");
        assertThat(wrongWith(spec -> spec.setPrevValue("yes"))).containsExactly("prevValue");
        assertThat(wrongWith(spec -> spec.setDurableName("a/b"))).containsExactly("durableName");
        assertThat(wrongWith(spec -> spec.setDurableName("x".repeat(101)))).containsExactly("durableName");
        assertThat(wrongWith(spec -> spec.setSingleton("true"))).containsExactly("singleton");
        assertThat(wrongWith(spec -> spec.setConcurrency("0"))).containsExactly("concurrency");
        assertThat(wrongWith(spec -> spec.setConcurrency("257"))).containsExactly("concurrency");
        assertThat(wrongWith(spec -> spec.setMaxRedeliveries("-2"))).containsExactly("maxRedeliveries");
        assertThat(wrongWith(spec -> spec.setMaxRedeliveries("3"))).containsExactly("maxRedeliveries");
        assertThat(wrongWith(spec -> spec.setRedeliveryDelay("0s"))).containsExactly("redeliveryDelay");
        assertThat(wrongWith(spec -> spec.setRedeliveryDelay("2h"))).containsExactly("redeliveryDelay");
        assertThat(wrongWith(spec -> spec.setRedeliveryDelay("later"))).containsExactly("redeliveryDelay");
    }

    @Test
    void allThatIsWrongIsNamedAtOnce() {
        assertThat(wrongWith(spec -> {
                    spec.setConcurrency("many");
                    spec.setEvents("none");
                }))
                .containsExactlyInAnyOrder("concurrency", "events");
    }

    /** What is parked would be delivered and parked again. */
    @Test
    void deadLettersLieOutsideOfWhatIsWatched() {
        assertThat(wrongWith(spec -> spec.setDeadLetterPrefix("/orders/dead/"))).containsExactly("deadLetterPrefix");
        assertThat(wrongWith(spec -> spec.setDeadLetterPrefix("/"))).containsExactly("deadLetterPrefix");
        assertThat(wrongWith(spec -> spec.setDeadLetterPrefix("/_etcd-jakarta/x/")))
                .containsExactly("deadLetterPrefix");
    }

    @Test
    void adaptersOwnRecordsAreNotWatched() {
        assertThat(wrongWith(spec -> spec.setPrefix("/_etcd-jakarta/p/"))).containsExactly("prefix");
    }

    @Test
    void connectionPropertiesAreCheckedToo() {
        EtcdActivationSpec spec = spec();
        spec.setRequestTimeout("soon");
        assertThatThrownBy(spec::validate)
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("requestTimeout")
                .hasMessageContaining("soon");
    }

    @Test
    void connectionIsTheAdaptersUnlessItSaysOtherwise() throws ResourceException {
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.setEndpoints("etcd1:2379");
        adapter.setNamespace("/app");
        EtcdActivationSpec spec = spec();
        spec.setResourceAdapter(adapter);
        spec.setNamespace("/other");
        ActivationSettings settings = new ActivationCheck(spec, adapter).settings();
        assertThat(settings.link().endpoints()).containsExactly("http://etcd1:2379");
        assertThat(settings.link().namespace()).isEqualTo("/other");
    }

    @Test
    void keepsIdentity() {
        assertThat(spec()).isNotEqualTo(spec());
    }

    @Test
    void belongsToOneAdapterOnceAndForAll() throws ResourceException {
        EtcdActivationSpec spec = spec();
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.setEndpoints("etcd1:2379");
        spec.setResourceAdapter(adapter);
        spec.setResourceAdapter(adapter);
        assertThat(spec.getResourceAdapter()).isSameAs(adapter);
        assertThatThrownBy(() -> spec.setResourceAdapter(new EtcdResourceAdapter()))
                .hasMessageContaining("ETCD-00306");
        assertThatThrownBy(() -> spec().setResourceAdapter(null)).hasMessageContaining("ETCD-00307");
    }
}

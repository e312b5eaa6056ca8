package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BeanValidationTest {

    private final ValidatorFactory validators = Validation.byDefaultProvider()
            .configure()
            .messageInterpolator(new ParameterMessageInterpolator())
            .buildValidatorFactory();
    private final Validator validator = validators.getValidator();

    private final EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();

    @AfterEach
    void close() {
        validators.close();
    }

    private Map<String, String> violations(EtcdProperties bean) {
        Map<String, String> found = new TreeMap<>();
        for (ConstraintViolation<EtcdProperties> violation : validator.validate(bean)) {
            found.put(violation.getPropertyPath().toString(), violation.getMessage());
        }
        return found;
    }

    @Test
    void nothingSetAndEverythingRightIsAccepted() {
        assertThat(violations(factory)).isEmpty();
        assertThat(violations(new EtcdResourceAdapter())).isEmpty();
        factory.setEndpoints("http://a:1,b:2");
        factory.setUser("root");
        factory.setRequestTimeout("PT5S");
        factory.setIsolation("snapshot");
        factory.setMaxTxnOps("6");
        factory.setReservedPrefix("/r/");
        factory.setTransactionSupportLevel("NoTransaction");
        factory.setKeepAliveWithoutCalls("TRUE");
        assertThat(violations(factory)).isEmpty();
    }

    @Test
    void everyWrongValueIsAViolationOfItsProperty() {
        factory.setEndpoints("ftp://somewhere");
        factory.setRequestTimeout("5 parsecs");
        factory.setKeepAliveTime("1s");
        factory.setKeepAliveWithoutCalls("perhaps");
        factory.setMaxInboundMessageSize("12");
        factory.setIsolation("REPEATABLE_READ");
        factory.setSettlingTime("61m");
        factory.setMaxTxnOps("2");
        factory.setReservedPrefix("/r");
        factory.setTransactionSupportLevel("Sometimes");

        Map<String, String> found = violations(factory);
        assertThat(found)
                .containsOnlyKeys(
                        "endpoints",
                        "requestTimeout",
                        "keepAliveTime",
                        "keepAliveWithoutCalls",
                        "maxInboundMessageSize",
                        "isolation",
                        "settlingTime",
                        "maxTxnOps",
                        "reservedPrefix",
                        "transactionSupportLevel");
        assertThat(found)
                .allSatisfy((property, message) ->
                        assertThat(message).contains("ETCD-00303").containsPattern("allowed|must"));
        assertThat(found.get("requestTimeout")).contains("5 parsecs", "500ms");
        assertThat(found.get("isolation")).contains("REPEATABLE_READ", "SERIALIZABLE, SNAPSHOT or READ_COMMITTED");
        assertThat(found.get("maxTxnOps")).contains("2", "at least 6");
    }

    @Test
    void adapterIsCheckedToo() {
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.setTransactionSupport("Sometimes");
        assertThat(violations(adapter)).containsOnlyKeys("transactionSupport");
    }

    /** As WildFly's deployer puts it into the log. */
    @Test
    void refusalNamesPropertyValueAndWhatIsAllowed() {
        factory.setDialTimeout("soon");
        assertThatThrownBy(() -> {
                    throw new ConstraintViolationException(Set.copyOf(validator.validate(factory)));
                })
                .hasMessageStartingWith("dialTimeout: ")
                .hasMessageContaining("\"soon\"")
                .hasMessageContaining("500ms, 5s");
    }

    @Test
    void valuesAreNeitherTemplatesNorExpressions() {
        factory.setIsolation("${1+1} {max} \\{");
        assertThat(violations(factory).get("isolation")).contains("\"${1+1} {max} \\{\"");
    }

    @Test
    void halfOfAPairMayBeSetAtAnotherBeanAndNoPasswordIsShown() {
        factory.setPassword("s3cret");
        factory.setTlsKeyPassword("s3cret");
        factory.setTlsKeyStore("/no/such.p12");
        factory.setRequestTimeout("never");
        Map<String, String> found = violations(factory);
        assertThat(found).containsOnlyKeys("requestTimeout");
        assertThat(found.toString()).doesNotContain("s3cret");
    }

    /** What validation refuses, use refuses too, so that servers without it know no less. */
    @Test
    void useRefusesTheSame() {
        factory.setSettlingTime("61m");
        String message = violations(factory).get("settlingTime");
        assertThatThrownBy(() -> factory.createManagedConnection(null, null)).hasMessage(message);
    }

    @Test
    void worksWithoutBeanValidation() throws Exception {
        Class<?> bean = new WithoutBeanValidation().loadClass(EtcdManagedConnectionFactory.class.getName());
        assertThat(bean).isNotSameAs(EtcdManagedConnectionFactory.class);
        assertThat(bean.getAnnotations()).isNotEmpty();
        assertThat(bean.getSuperclass().getAnnotations()).isNotNull();
        Object made = bean.getConstructor().newInstance();
        bean.getMethod("setEndpoints", String.class).invoke(made, "127.0.0.1:1");
        Method create = bean.getMethod("createConnectionFactory");
        Object connections = create.invoke(made);
        Object connection = connections.getClass().getMethod("getConnection").invoke(connections);
        assertThat(connection).isInstanceOf(AutoCloseable.class);
        ((AutoCloseable) connection).close();
    }

    /** The connector's classes anew, in a world that has no jakarta.validation. */
    private static final class WithoutBeanValidation extends ClassLoader {

        WithoutBeanValidation() {
            super(BeanValidationTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("jakarta.validation.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("org.etcdjakarta.connector.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}

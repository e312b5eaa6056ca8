package org.etcdjakarta.rar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.rar.Archive.elements;
import static org.etcdjakarta.rar.Archive.texts;

import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.security.PasswordCredential;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.security.auth.Subject;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.connector.EtcdManagedConnectionFactory;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The descriptors say what the classes are. */
class DescriptorsIT {

    private final Archive archive = new Archive();
    private final Element ra = archive.descriptor("ra.xml");

    private Element connectionDefinition() {
        return elements(ra, "connection-definition").get(0);
    }

    @Test
    void propertiesAreThoseOfTheBeans() {
        Element resourceAdapter = elements(ra, "resourceadapter").get(0);
        assertThat(properties(resourceAdapter)).isEqualTo(setters(EtcdResourceAdapter.class));
        assertThat(properties(connectionDefinition())).isEqualTo(setters(EtcdManagedConnectionFactory.class));
    }

    /** Name and type of the properties right below the element. */
    private static Map<String, String> properties(Element parent) {
        return elements(parent, "config-property").stream()
                .filter(property -> isChild(property, parent))
                .collect(Collectors.toMap(
                        property -> texts(property, "config-property-name").get(0),
                        property -> texts(property, "config-property-type").get(0),
                        (one, two) -> one + " and " + two,
                        TreeMap::new));
    }

    private static boolean isChild(Node property, Node parent) {
        return property.getParentNode().isSameNode(parent);
    }

    /** By WildFly's rule: the setter takes and the getter returns one of the types of configuration, which is text here. */
    private static Map<String, String> setters(Class<?> bean) {
        return Arrays.stream(bean.getMethods())
                .filter(method -> method.getName().startsWith("set") && method.getParameterCount() == 1)
                .filter(method -> method.getParameterTypes()[0] == String.class && hasGetter(bean, method))
                .collect(Collectors.toMap(
                        DescriptorsIT::propertyName,
                        method -> method.getParameterTypes()[0].getName(),
                        (one, two) -> one + " and " + two,
                        TreeMap::new));
    }

    private static boolean hasGetter(Class<?> bean, Method setter) {
        return Arrays.stream(bean.getMethods())
                .anyMatch(
                        method -> method.getName().equals("g" + setter.getName().substring(1))
                                && method.getParameterCount() == 0
                                && method.getReturnType() == String.class);
    }

    private static String propertyName(Method setter) {
        return Character.toLowerCase(setter.getName().charAt(3))
                + setter.getName().substring(4);
    }

    @Test
    void noPropertyHasAValueThatWouldHideSystemProperties() {
        assertThat(texts(ra, "config-property-value")).isEmpty();
    }

    @Test
    void passwordsAreConfidential() {
        List<String> secrets = List.of("password", "tlsKeyPassword", "tlsTrustStorePassword", "tlsKeyStorePassword");
        List<String> confidential = elements(ra, "config-property").stream()
                .filter(property ->
                        texts(property, "config-property-confidential").contains("true"))
                .map(property -> texts(property, "config-property-name").get(0))
                .toList();
        // of the adapter, then of the factory
        assertThat(confidential.subList(0, secrets.size())).isEqualTo(secrets);
        assertThat(confidential.subList(secrets.size(), confidential.size())).isEqualTo(secrets);
    }

    @Test
    void classesExistAndAreOfTheirKind() throws ReflectiveOperationException {
        assertThat(namedIn("resourceadapter-class")).isAssignableTo(ResourceAdapter.class);
        assertThat(namedIn("managedconnectionfactory-class")).isAssignableTo(ManagedConnectionFactory.class);
        assertThat(namedIn("connectionfactory-interface")).isEqualTo(EtcdConnectionFactory.class);
        assertThat(namedIn("connectionfactory-impl-class")).isAssignableTo(EtcdConnectionFactory.class);
        assertThat(namedIn("connection-interface")).isEqualTo(EtcdConnection.class);
        assertThat(namedIn("connection-impl-class")).isAssignableTo(EtcdConnection.class);
    }

    private Class<?> namedIn(String element) throws ClassNotFoundException {
        return Class.forName(texts(ra, element).get(0));
    }

    @Test
    void transactionLevelIsTheHighestThatTheFactoryCanHave() {
        assertThat(texts(ra, "transaction-support"))
                .containsExactly(new EtcdManagedConnectionFactory()
                        .getTransactionSupport()
                        .name());
        assertThat(texts(archive.descriptor("ironjacamar.xml"), "transaction-support"))
                .containsExactly("XATransaction");
    }

    @Test
    void versionIsThatOfTheBuild() {
        assertThat(texts(ra, "resourceadapter-version")).singleElement().satisfies(version -> assertThat(version)
                .matches("\\d.*"));
        assertThat(ra.getAttribute("metadata-complete")).isEqualTo("true");
        assertThat(ra.getAttribute("version")).isEqualTo("2.1");
    }

    @Test
    void recoveryUserOfWildFlyConnectsAsTheConfiguredOne() throws Exception {
        Element ironjacamar = archive.descriptor("ironjacamar.xml");
        EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
        factory.setUser("configured");
        factory.setPassword("secret");
        Subject subject = new Subject();
        PasswordCredential credential = new PasswordCredential(
                texts(ironjacamar, "user-name").get(0),
                texts(ironjacamar, "password").get(0).toCharArray());
        subject.getPrivateCredentials().add(credential);
        ManagedConnection connection = factory.createManagedConnection(subject, null);
        try {
            assertThat(connection.getMetaData().getUserName()).isEqualTo("configured");
        } finally {
            connection.destroy();
        }
    }

    @Test
    void wildFlyBindsTheNameThatIsDocumented() {
        Element definition = elements(archive.descriptor("ironjacamar.xml"), "connection-definition")
                .get(0);
        assertThat(definition.getAttribute("jndi-name")).isEqualTo("java:/eis/etcd");
        assertThat(definition.getAttribute("class-name")).isEqualTo(EtcdManagedConnectionFactory.class.getName());
    }
}

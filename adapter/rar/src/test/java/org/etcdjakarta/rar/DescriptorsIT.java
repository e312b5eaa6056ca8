package org.etcdjakarta.rar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.rar.Archive.elements;
import static org.etcdjakarta.rar.Archive.texts;

import jakarta.resource.spi.AdministeredObject;
import jakarta.resource.spi.AuthenticationMechanism;
import jakarta.resource.spi.ConnectionDefinition;
import jakarta.resource.spi.Connector;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.security.PasswordCredential;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.security.auth.Subject;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.connector.EtcdAdmin;
import org.etcdjakarta.connector.EtcdAdminObject;
import org.etcdjakarta.connector.EtcdManagedConnectionFactory;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** The descriptors say what the classes are. */
class DescriptorsIT {

    private final Archive archive = new Archive();
    private final Element ra = archive.descriptor("ra.xml");

    /** Every bean that ra.xml names, with exactly the properties that the annotations of its setters declare. */
    @Test
    void propertiesAreThoseOfTheAnnotations() throws IOException {
        if (Boolean.getBoolean("readme.update")) {
            DeclaredProperty.rewrite(Path.of("src/main/rar/META-INF/ra.xml"));
        }
        Map<String, Map<String, DeclaredProperty>> described = new TreeMap<>();
        Map<String, Map<String, DeclaredProperty>> annotated = new TreeMap<>();
        for (String kind : List.of("resourceadapter", "managedconnectionfactory", "activationspec", "adminobject")) {
            for (Element named : elements(ra, kind + "-class")) {
                String bean = named.getTextContent().strip();
                described.put(bean, DeclaredProperty.described((Element) named.getParentNode()));
                annotated.put(bean, DeclaredProperty.annotated(bean));
            }
        }
        assertThat(described)
                .containsKeys(EtcdResourceAdapter.class.getName(), EtcdManagedConnectionFactory.class.getName())
                .isEqualTo(annotated);
    }

    @Test
    void everythingThatCanBeSetIsAnnotated() {
        for (Class<?> bean :
                List.of(EtcdResourceAdapter.class, EtcdManagedConnectionFactory.class, EtcdAdminObject.class)) {
            assertThat(DeclaredProperty.annotated(bean.getName()).keySet()).isEqualTo(settable(bean));
        }
    }

    /** By WildFly's rule: the setter takes and the getter returns one of the types of configuration, which is text here. */
    private static Set<String> settable(Class<?> bean) {
        return Arrays.stream(bean.getMethods())
                .filter(method -> method.getName().startsWith("set") && method.getParameterCount() == 1)
                .filter(method -> method.getParameterTypes()[0] == String.class && hasGetter(bean, method))
                .map(DeclaredProperty::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean hasGetter(Class<?> bean, Method setter) {
        return Arrays.stream(bean.getMethods())
                .anyMatch(
                        method -> method.getName().equals("g" + setter.getName().substring(1))
                                && method.getParameterCount() == 0
                                && method.getReturnType() == String.class);
    }

    /** The descriptor is complete, so servers read nothing else; tools that look at the classes shall see the same. */
    @Test
    void adapterIsWhatItsAnnotationSays() {
        Connector connector = EtcdResourceAdapter.class.getAnnotation(Connector.class);
        assertThat(direct(ra, "description")).containsExactly(connector.description());
        assertThat(direct(ra, "display-name")).containsExactly(connector.displayName());
        assertThat(direct(ra, "vendor-name")).containsExactly(connector.vendorName());
        assertThat(direct(ra, "eis-type")).containsExactly(connector.eisType());
        assertThat(direct(ra, "resourceadapter-version")).containsExactly(connector.version());
        Element license = elements(ra, "license").get(0);
        assertThat(direct(license, "description")).containsExactly(connector.licenseDescription());
        assertThat(direct(license, "license-required")).containsExactly("" + connector.licenseRequired());
        assertThat(texts(ra, "transaction-support"))
                .containsExactly(connector.transactionSupport().name());
        assertThat(texts(ra, "reauthentication-support")).containsExactly("" + connector.reauthenticationSupport());
        AuthenticationMechanism mechanism = connector.authMechanisms()[0];
        assertThat(connector.authMechanisms()).hasSize(1);
        assertThat(texts(ra, "authentication-mechanism-type")).containsExactly(mechanism.authMechanism());
        assertThat(texts(ra, "credential-interface"))
                .containsExactly("jakarta.resource.spi.security." + mechanism.credentialInterface());
        assertThat(texts(ra, "required-work-context"))
                .containsExactlyElementsOf(Arrays.stream(connector.requiredWorkContexts())
                        .map(Class::getName)
                        .toList());
        assertThat(connector.securityPermissions()).isEmpty();
        assertThat(elements(ra, "security-permission")).isEmpty();
    }

    private static List<String> direct(Element parent, String name) {
        return elements(parent, name).stream()
                .filter(element -> element.getParentNode().isSameNode(parent))
                .map(element -> element.getTextContent().strip())
                .toList();
    }

    @Test
    void connectionDefinitionIsWhatItsAnnotationSays() {
        ConnectionDefinition definition = EtcdManagedConnectionFactory.class.getAnnotation(ConnectionDefinition.class);
        assertThat(elements(ra, "connection-definition")).hasSize(1);
        assertThat(texts(ra, "managedconnectionfactory-class"))
                .containsExactly(EtcdManagedConnectionFactory.class.getName());
        assertThat(texts(ra, "connectionfactory-interface"))
                .containsExactly(definition.connectionFactory().getName());
        assertThat(texts(ra, "connectionfactory-impl-class"))
                .containsExactly(definition.connectionFactoryImpl().getName());
        assertThat(texts(ra, "connection-interface"))
                .containsExactly(definition.connection().getName());
        assertThat(texts(ra, "connection-impl-class"))
                .containsExactly(definition.connectionImpl().getName());
    }

    @Test
    void administeredObjectIsWhatItsAnnotationSays() {
        AdministeredObject object = EtcdAdminObject.class.getAnnotation(AdministeredObject.class);
        assertThat(texts(ra, "adminobject-class")).containsExactly(EtcdAdminObject.class.getName());
        // raw in the annotation
        assertThat((Object[]) object.adminObjectInterfaces()).containsExactly(EtcdAdmin.class);
        assertThat(texts(ra, "adminobject-interface")).containsExactly(EtcdAdmin.class.getName());
        Element bound =
                elements(archive.descriptor("ironjacamar.xml"), "admin-object").get(0);
        assertThat(bound.getAttribute("jndi-name")).isEqualTo("java:/eis/etcd-admin");
        assertThat(bound.getAttribute("class-name")).isEqualTo(EtcdAdminObject.class.getName());
    }

    @Test
    void noPropertyHasAValueThatWouldHideSystemProperties() {
        assertThat(texts(ra, "config-property-value")).isEmpty();
    }

    @Test
    void passwordsAndNothingElseAreConfidential() {
        assertThat(elements(ra, "config-property"))
                .filteredOn(property ->
                        texts(property, "config-property-confidential").contains("true"))
                .isNotEmpty();
        assertThat(elements(ra, "config-property"))
                .allSatisfy(property -> assertThat(texts(property, "config-property-confidential"))
                        .isEqualTo(
                                texts(property, "config-property-name").get(0).matches("password|.*Password")
                                        ? List.of("true")
                                        : List.of()));
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

package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.LocalTransactionException;
import jakarta.resource.spi.ResourceAdapterInternalException;
import jakarta.resource.spi.ResourceAllocationException;
import jakarta.resource.spi.SecurityException;
import java.nio.file.Path;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.jspecify.annotations.Nullable;

/** Every message of the connector, {@code ETCD-003xx}. */
final class ConnectorMessages {

    private ConnectorMessages() {}

    static EtcdException notEnlisted(String endpoints) {
        return new EtcdException(
                "ETCD-00301",
                "the server has not enlisted this connection in the transaction of the calling thread, most likely because it"
                        + " was opened before the transaction began; the call was refused, because its effect would not be"
                        + " rolled back with the transaction. Open the connection inside the transaction, and begin that with"
                        + " UserTransaction or @Transactional. If the factory is meant to stay out of transactions, set its"
                        + " property transactionSupportLevel to NoTransaction",
                Effect.NOT_APPLIED,
                endpoints,
                null);
    }

    static IllegalStateException closedHandle() {
        return new IllegalStateException(
                "ETCD-00302: this connection is closed, by the application or by the server that"
                        + " took it back into its pool; nothing was sent to etcd. Get a new one from the factory");
    }

    static InvalidPropertyException invalidProperty(Property property, String value, @Nullable Throwable cause) {
        return coded(
                "ETCD-00303",
                new InvalidPropertyException(property.beanName() + " (" + property.key() + "): \"" + value
                        + "\" is not allowed; allowed: " + property.allowed()),
                cause);
    }

    /** The core's own text names the property, the value and what is allowed. */
    static InvalidPropertyException invalidSetting(IllegalArgumentException cause) {
        return coded("ETCD-00303", new InvalidPropertyException(cause.getMessage()), cause);
    }

    static SecurityException otherUser(@Nullable String wanted, @Nullable String actual) {
        return coded(
                "ETCD-00304",
                new SecurityException("a connection of etcd user " + name(actual) + " cannot serve " + name(wanted)
                        + ", because etcd authenticates the whole link. The pool has to separate users; on WildFly with"
                        + " <security><application/></security> in the connection definition"),
                null);
    }

    private static String name(@Nullable String user) {
        return user == null ? "(none)" : user;
    }

    /** @param wrong names each property, its value and what is allowed */
    static InvalidPropertyException invalidActivation(String wrong) {
        return coded("ETCD-00305", new InvalidPropertyException("activation of a message-driven bean: " + wrong), null);
    }

    static jakarta.resource.spi.IllegalStateException associatedAlready() {
        return coded(
                "ETCD-00306",
                new jakarta.resource.spi.IllegalStateException(
                        "the factory belongs to a resource adapter already; it is" + " associated once and for all"),
                null);
    }

    static ResourceAdapterInternalException foreign(String what, @Nullable Object given) {
        return coded(
                "ETCD-00307",
                new ResourceAdapterInternalException(
                        "the server handed over a " + what + " that is not of this adapter: "
                                + (given == null ? "null" : given.getClass().getName())),
                null);
    }

    static jakarta.resource.spi.IllegalStateException destroyed() {
        return coded(
                "ETCD-00308",
                new jakarta.resource.spi.IllegalStateException(
                        "this managed connection has been destroyed; the server must not use it any more"),
                null);
    }

    static ResourceException noVersion(String endpoints, @Nullable Throwable cause) {
        return coded(
                "ETCD-00309",
                new ResourceException("the version of etcd at " + endpoints
                        + " is not known, because none of them has answered a status request in time. Check that etcd runs"
                        + " there"),
                cause);
    }

    static IllegalArgumentException nothingBehind(Class<?> type) {
        return new IllegalArgumentException("ETCD-00310: no " + type.getName() + " stands behind this connection;"
                + " EtcdLink, io.etcd.jetcd.Client and jakarta.resource.cci.LocalTransaction do");
    }

    /** Its cause, an {@code EtcdException}, says what it means for the data. */
    static LocalTransactionException localTransaction(String verb, RuntimeException cause) {
        return coded(
                "ETCD-00311",
                new LocalTransactionException(verb + " of the local transaction failed: " + cause.getMessage()),
                cause);
    }

    static ResourceAllocationException notOpened(RuntimeException cause) {
        return coded(
                "ETCD-00312",
                new ResourceAllocationException("the connection could not be set up: " + cause.getMessage()),
                cause);
    }

    static IllegalStateException stopped() {
        return new IllegalStateException(
                "ETCD-00313: the resource adapter has been stopped, and its sessions with it. A session"
                        + " lives as long as the adapter; leases of its own has EtcdConnection.lease()");
    }

    static String notManageable(String type, String name) {
        return "ETCD-00314: the management bean " + type + " of " + name
                + " could not be registered. It is missing in JMX; everything else works";
    }

    static String notUnregistered(Object name) {
        return "ETCD-00315: the management bean " + name
                + " could not be unregistered. It stays in JMX, and the adapter's classes with it, until the process ends";
    }

    static String noHome(Path file) {
        return "ETCD-00320: " + file
                + ", which tells this server from others with the same node identifier, can't be read or"
                + " made. Give the server a node identifier of its own: a prepared branch of another one with the same"
                + " identifier may be rolled back by this one, and this one's by the other";
    }

    /** {@link ResourceException#getMessage()} puts the code behind the text by itself. */
    private static <E extends ResourceException> E coded(String code, E exception, @Nullable Throwable cause) {
        exception.setErrorCode(code);
        if (cause != null) {
            exception.initCause(cause);
        }
        return exception;
    }
}

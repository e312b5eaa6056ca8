package org.etcdjakarta.cdi;

import jakarta.enterprise.inject.spi.DefinitionException;
import jakarta.enterprise.inject.spi.DeploymentException;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.config.ClientSettings;
import org.jspecify.annotations.Nullable;

/** The messages of the CDI extension, ETCD-004xx. */
final class CdiMessages {

    private CdiMessages() {}

    static DeploymentException unknownClient(ClientSettings settings, String usedBy) {
        return new DeploymentException("ETCD-00401: " + usedBy + " needs " + clientName(settings) + ", but neither "
                + settings.property("jndi-name") + " nor " + settings.property("endpoints")
                + " is configured. Set one of them, for example " + settings.property("endpoints")
                + "=http://localhost:2379.");
    }

    static DeploymentException badClient(ClientSettings settings, String usedBy, IllegalArgumentException cause) {
        return new DeploymentException(
                "ETCD-00402: " + usedBy + " needs " + clientName(settings) + ": " + cause.getMessage(), cause);
    }

    static EtcdException noCluster(ClientSettings settings, List<String> tried) {
        return new EtcdException(
                "ETCD-00403",
                "no cluster for " + clientName(settings) + ": no connection factory in JNDI"
                        + (tried.isEmpty() ? "" : " at " + String.join(", ", tried)) + ", and "
                        + settings.property("endpoints") + " is not configured. Deploy etcd-jakarta.rar and set "
                        + settings.property("jndi-name") + " if the factory has another name, or set "
                        + settings.property("endpoints") + ". Nothing was sent.",
                Effect.NOT_APPLIED,
                "",
                null);
    }

    static EtcdException factoryMissing(ClientSettings settings, String jndiName, @Nullable Throwable cause) {
        return new EtcdException(
                "ETCD-00404",
                settings.property("jndi-name") + " is '" + jndiName
                        + "', but there is no connection factory of that name ("
                        + (cause == null ? "nothing bound" : cause.toString())
                        + "). Check the name and that etcd-jakarta.rar is deployed before this application. A java:comp name"
                        + " is only seen on the threads of the application's components. Nothing was sent.",
                Effect.NOT_APPLIED,
                "",
                cause);
    }

    static EtcdException foreignFactory(String jndiName, Object found) {
        return new EtcdException(
                "ETCD-00405",
                "what JNDI has at '" + jndiName + "' is a " + found.getClass().getName()
                        + ", which is not the EtcdConnectionFactory of this application's class loader. Leave"
                        + " etcd-jakarta-api, etcd-jakarta-core and jetcd out of WEB-INF/lib, so that they come from"
                        + " etcd-jakarta.rar. Nothing was sent.",
                Effect.NOT_APPLIED,
                "",
                null);
    }

    static EtcdException noConnection(String factory, Throwable cause) {
        return new EtcdException(
                "ETCD-00406",
                "the connection factory " + factory + " gave no connection (" + cause.getMessage()
                        + "). Nothing was sent. Check the size of its pool, its configuration and the transaction's state.",
                Effect.NOT_APPLIED,
                "",
                cause);
    }

    static EtcdException closed(String client) {
        return new EtcdException(
                "ETCD-00407",
                "the application is being stopped; its etcd client" + (client.isEmpty() ? "" : " '" + client + "'")
                        + " is closed. Nothing was sent.",
                Effect.NOT_APPLIED,
                "",
                null);
    }

    static String usesFactory(ClientSettings settings, String jndiName) {
        return "ETCD-00408: " + clientName(settings) + " uses the connection factory " + jndiName
                + "; injected KVs join JTA transactions.";
    }

    static String usesOwnLink(ClientSettings settings, List<String> endpoints) {
        return "ETCD-00409: " + clientName(settings) + " uses a link of its own to " + String.join(",", endpoints)
                + "; there is no connection factory in JNDI, so injected KVs do NOT join JTA transactions, and writes inside"
                + " one are refused. Set " + settings.property("jndi-name") + " to demand one.";
    }

    static DefinitionException wrongType(String observer, String type) {
        return new DefinitionException("ETCD-00410: the observer " + observer + " observes @EtcdWatch " + type
                + "; possible are EtcdEvent<T> and EtcdBatch<T> with T one of String, byte[], Integer, Long, Double and"
                + " Boolean, and EtcdGap.");
    }

    static DefinitionException notAvailable(String observer, String what) {
        return new DefinitionException("ETCD-00411: the observer " + observer + " asks for " + what
                + ", which is not available yet. Possible are onFailure = RETRY, IGNORE or STOP, and no cursor.");
    }

    static DefinitionException nothingToWatch(String observer, String why) {
        return new DefinitionException("ETCD-00412: the observer " + observer + " would never be called: " + why + ".");
    }

    static String watching(String what) {
        return "ETCD-00413: watching " + what + ".";
    }

    static String observerFailed(String observer, Object event, String consequence, long failures) {
        return "ETCD-00414: the observer " + observer + " failed for " + event + ". " + consequence
                + " Failures of this observer so far: " + failures + ".";
    }

    static String undecodable(String what, String key, long revision, String type, String why) {
        return "ETCD-00415: watch of " + what + ": key '" + key + "' at revision " + revision
                + " cannot be read as " + type + " (" + why + "). The observers of " + type
                + " do not get this change; those with onFailure = STOP get nothing more. Watch it as byte[] or String, or"
                + " correct the value.";
    }

    static String watchEnded(String what) {
        return "ETCD-00416: the watch of " + what + " has ended for good; its observers get nothing more until the"
                + " application is deployed again. Check the permissions of the user.";
    }

    static String eventFailed(String what) {
        return "ETCD-00417: an event of " + what + " could not be delivered to all observers; the next one follows.";
    }

    static EtcdException writeOutsideTransaction(ClientSettings settings, List<String> tried, List<String> endpoints) {
        String endpoint = String.join(",", endpoints);
        return new EtcdException(
                "ETCD-00418",
                "a write through " + clientName(settings) + " to " + endpoint
                        + " was refused: the thread is in a JTA transaction, which the write would not join, because no"
                        + " connection factory was found in JNDI"
                        + (tried.isEmpty()
                                ? " (" + settings.property("jndi-name") + " is not set)"
                                : " at " + String.join(", ", tried))
                        + ". Nothing was sent. Deploy etcd-jakarta.rar and set " + settings.property("jndi-name")
                        + " to the JNDI name of its connection factory, or write outside the transaction.",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static String unknownProperty(String property, String nearest) {
        return "ETCD-00419: the property " + property + " is unknown and has no effect. Is " + nearest
                + " meant? The names are in the README of etcd-jakarta-cdi.";
    }

    static String contextFailed(Throwable cause) {
        return "ETCD-00420: the application's context could not be set for an event (" + cause
                + "); it is delivered without it, with the application's class loader. java:comp may be missing in its"
                + " observers.";
    }

    private static String clientName(ClientSettings settings) {
        return settings.name().isEmpty() ? "the default etcd client" : "the etcd client '" + settings.name() + "'";
    }
}

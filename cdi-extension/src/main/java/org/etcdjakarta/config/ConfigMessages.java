package org.etcdjakarta.config;

import java.time.Duration;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.jspecify.annotations.Nullable;

/** The messages of the config source and of its settings, ETCD-005xx. */
final class ConfigMessages {

    private ConfigMessages() {}

    static IllegalArgumentException badSetting(
            String property, String value, String allowed, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "ETCD-00501: " + property + " is '" + value + "'; allowed is " + allowed + ".", cause);
    }

    static IllegalArgumentException badClient(String what, Throwable cause) {
        return new IllegalArgumentException("ETCD-00502: no client can be made of the settings: " + what, cause);
    }

    static EtcdException startupFailed(String source, Duration waited, Throwable cause) {
        return new EtcdException(
                "ETCD-00503",
                "configuration could not be read from " + source + " within " + waited.toMillis() + " ms ("
                        + cause.getMessage()
                        + "). etcd.config.startup=required, so the application does not start. Check"
                        + " that etcd runs and answers at etcd.endpoints, raise etcd.config.startup-timeout, or set"
                        + " etcd.config.startup=optional to start without it.",
                Effect.NONE,
                source,
                cause);
    }

    static EtcdException accessDenied(String source, Throwable cause) {
        return new EtcdException(
                "ETCD-00504",
                "configuration may not be read from " + source + " (" + cause.getMessage() + "). Check etcd.user and"
                        + " etcd.password, and that the user's role may read the prefix etcd.config.prefix.",
                Effect.NONE,
                source,
                cause);
    }

    static String startsWithout(String source, Duration waited, Throwable cause) {
        return "ETCD-00505: configuration could not be read from " + source + " within " + waited.toMillis() + " ms ("
                + cause.getMessage() + "). The application starts with its other sources; the values follow as soon as"
                + " etcd answers (etcd.config.startup=optional).";
    }

    static String stillUnreadable(String source, Throwable cause, Duration again) {
        return "ETCD-00506: configuration cannot be read from " + source + " (" + cause.getMessage()
                + "). The values last read stay in force; tried again in " + again.toMillis() + " ms.";
    }

    static String loaded(String source, long revision, int properties) {
        return "ETCD-00507: configuration read from " + source + ": " + properties + " properties at revision "
                + revision + ".";
    }

    static String watchEnded(String source, Throwable cause) {
        return "ETCD-00508: the watch of " + source + " has ended (" + cause.getMessage()
                + "). The values last read stay in force until they can be read anew.";
    }

    static String gap(String source, String reason, long revision) {
        return "ETCD-00509: changes of " + source + " were lost (" + reason + "); the complete state of revision "
                + revision + " takes their place.";
    }

    static String notText(String source, String key) {
        return "ETCD-00510: " + source + ": key '" + key
                + "' or its value is not UTF-8 text; it is left out of the configuration.";
    }

    static String collision(String source, String property, String winner, String loser) {
        return "ETCD-00511: " + source + ": the keys '" + winner + "' and '" + loser + "' are both property " + property
                + "; '" + winner + "' is taken.";
    }

    static String listenerFailed(String source, Throwable cause) {
        return "ETCD-00512: a listener for changes of " + source + " failed (" + cause + "); the values are in force.";
    }
}

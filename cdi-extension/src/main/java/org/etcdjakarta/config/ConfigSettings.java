package org.etcdjakarta.config;

import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.Config;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.jspecify.annotations.Nullable;

/**
 * What the config source is told about itself. Read once, from the default sources only, so that nothing in etcd can change
 * where the configuration comes from, and so that reading it cannot call this source again.
 */
record ConfigSettings(EtcdLinkConfig link, String prefix, int ordinal, Startup startup, Duration startupTimeout) {

    private static final String DEFAULT_PREFIX = "/config/";
    private static final int DEFAULT_ORDINAL = 270;
    private static final Duration DEFAULT_STARTUP_TIMEOUT = Duration.ofSeconds(5);

    /** What happens when etcd does not answer at start-up. */
    enum Startup {
        REQUIRED,
        OPTIONAL
    }

    /** Null when the source is switched off, or when no endpoints are configured. */
    static @Nullable ConfigSettings read(Config defaults) {
        ClientSettings settings = ClientSettings.of(defaults, "");
        if (!enabled(settings.text("config.enabled")) || !settings.hasEndpoints()) {
            return null;
        }
        Duration timeout = settings.duration("config.startup-timeout");
        return new ConfigSettings(
                settings.link(),
                prefix(settings.text("config.prefix")),
                ordinal(settings.text("config.ordinal")),
                startup(settings.text("config.startup")),
                timeout == null ? DEFAULT_STARTUP_TIMEOUT : timeout);
    }

    /** Stable, since it decides between sources of equal ordinals: no revision in it. */
    String sourceName() {
        return "etcd[" + String.join(",", link.endpoints()) + ":" + link.namespace() + prefix + "]";
    }

    private static boolean enabled(@Nullable String text) {
        if (text == null || text.equalsIgnoreCase("true")) {
            return true;
        }
        if (text.equalsIgnoreCase("false")) {
            return false;
        }
        // a typing error must not open sockets, and must not switch the configuration off in silence
        throw ConfigMessages.badSetting("etcd.config.enabled", text, "true or false", null);
    }

    /** Ends in a slash, since "/config" would take in "/config-of-others". */
    private static String prefix(@Nullable String text) {
        if (text == null) {
            return DEFAULT_PREFIX;
        }
        return text.endsWith("/") ? text : text + "/";
    }

    private static int ordinal(@Nullable String text) {
        if (text == null) {
            return DEFAULT_ORDINAL;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw ConfigMessages.badSetting("etcd.config.ordinal", text, "a whole number", e);
        }
    }

    private static Startup startup(@Nullable String text) {
        if (text == null) {
            return Startup.OPTIONAL;
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "required" -> Startup.REQUIRED;
            case "optional" -> Startup.OPTIONAL;
            case "snapshot" ->
                throw ConfigMessages.badSetting(
                        "etcd.config.startup",
                        text,
                        "required or optional (snapshot, the last-known-good file, is not available yet)",
                        null);
            default -> throw ConfigMessages.badSetting("etcd.config.startup", text, "required or optional", null);
        };
    }
}

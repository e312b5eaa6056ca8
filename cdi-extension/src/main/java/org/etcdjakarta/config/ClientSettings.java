package org.etcdjakarta.config;

import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.etcdjakarta.core.link.Durations;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.LinkProperty;
import org.jspecify.annotations.Nullable;

/** The settings of one client: {@code etcd.*} for the default one, {@code etcd.clients.<name>.*} for a named one. */
public final class ClientSettings {

    private final Config config;
    private final String name;

    private ClientSettings(Config config, String name) {
        this.config = config;
        this.name = name;
    }

    /** The settings of the client of this name, the empty name being the default client. */
    public static ClientSettings of(Config config, String name) {
        return new ClientSettings(config, name);
    }

    /** The empty string for the default client. */
    public String name() {
        return name;
    }

    /** Full name of a setting of this client, for messages too. */
    public String property(String setting) {
        return name.isEmpty() ? "etcd." + setting : "etcd.clients." + name + "." + setting;
    }

    /** JNDI name of the connection factory, null when none is set. */
    public @Nullable String jndiName() {
        return text("jndi-name");
    }

    public boolean hasEndpoints() {
        return text("endpoints") != null;
    }

    /** What a link of its own needs; IllegalArgumentException names the property that is wrong. */
    public EtcdLinkConfig link() {
        EtcdLinkConfig.Builder link = EtcdLinkConfig.builder();
        for (LinkProperty property : LinkProperty.values()) {
            String text = text(property.key());
            try {
                property.apply(link, text);
            } catch (IllegalArgumentException e) {
                throw ConfigMessages.badSetting(property(property.key()), String.valueOf(text), property.allowed(), e);
            }
        }
        try {
            return link.build();
        } catch (IllegalArgumentException e) {
            throw ConfigMessages.badClient(inOurWords(String.valueOf(e.getMessage())), e);
        }
    }

    /** The link speaks of {@code requestTimeout: ...}; whoever reads it has set {@code etcd.request-timeout}. */
    private String inOurWords(String message) {
        for (LinkProperty property : LinkProperty.values()) {
            if (message.startsWith(property.property() + ":")) {
                return property(property.key())
                        + message.substring(property.property().length());
            }
        }
        return property("*") + ": " + message;
    }

    @Nullable
    String text(String setting) {
        Optional<String> value = config.getOptionalValue(property(setting), String.class);
        return value.map(String::strip).filter(text -> !text.isEmpty()).orElse(null);
    }

    @Nullable
    Duration duration(String setting) {
        String text = text(setting);
        if (text == null) {
            return null;
        }
        Duration duration;
        try {
            duration = Durations.parse(property(setting), text);
        } catch (IllegalArgumentException e) {
            throw ConfigMessages.badSetting(property(setting), text, "a duration such as 500ms, 5s, 2m or PT5S", e);
        }
        if (duration != null && (duration.isZero() || duration.isNegative())) {
            throw ConfigMessages.badSetting(property(setting), text, "a duration above zero", null);
        }
        return duration;
    }
}

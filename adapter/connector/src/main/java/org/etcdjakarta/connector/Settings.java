package org.etcdjakarta.connector;

import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.etcdjakarta.core.link.Durations;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.LinkProperty;
import org.etcdjakarta.core.tx.Isolation;
import org.etcdjakarta.core.tx.TxSettings;
import org.jspecify.annotations.Nullable;

/** The values of a factory's properties, found and checked. */
final class Settings {

    private final Function<Property, @Nullable String> values;

    Settings(EtcdProperties factory, @Nullable EtcdProperties adapter) {
        this(factory, adapter, System::getProperty, System::getenv);
    }

    Settings(
            EtcdProperties factory,
            @Nullable EtcdProperties adapter,
            UnaryOperator<@Nullable String> systemProperty,
            UnaryOperator<@Nullable String> environment) {
        this(property -> value(property, factory, adapter, systemProperty, environment));
    }

    private Settings(Function<Property, @Nullable String> values) {
        this.values = values;
    }

    /**
     * Whether the value is allowed as far as it can be said without any other: user and password come in pairs, and so do files of
     * TLS, which are read besides.
     */
    static void check(Property property, String value) throws InvalidPropertyException {
        if (property.standsAlone()) {
            Settings alone = new Settings(other -> other == property ? value : null);
            var unusedLink = alone.link(Credential.NOBODY);
            // without a look at the home, which would be made by it
            var unusedTx = alone.tx(TxSettings.UNKNOWN_HOME);
            var unusedLevel = alone.transactionSupport();
        }
    }

    @Nullable
    String value(Property property) {
        return values.apply(property);
    }

    /**
     * The factory's value, else the adapter's, else the system property, else the environment variable, else null. System
     * properties are more than a convenience: Payara's command line takes no {@code :} in the value of a property.
     */
    private static @Nullable String value(
            Property property,
            EtcdProperties factory,
            @Nullable EtcdProperties adapter,
            UnaryOperator<@Nullable String> systemProperty,
            UnaryOperator<@Nullable String> environment) {
        String value = factory.get(property);
        if (value == null && adapter != null) {
            value = adapter.get(property);
        }
        if (value == null) {
            value = given(systemProperty.apply(property.key()));
        }
        return value != null ? value : given(environment.apply(property.environmentVariable()));
    }

    private static @Nullable String given(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    /** Who a connection is when nobody signs on. */
    Credential credential() {
        return new Credential(value(Property.USER), value(Property.PASSWORD));
    }

    EtcdLinkConfig link(Credential credential) throws InvalidPropertyException {
        EtcdLinkConfig.Builder link = EtcdLinkConfig.builder();
        try {
            for (Property property : Property.values()) {
                LinkProperty ofLink = property.link();
                if (ofLink != null && property != Property.USER && property != Property.PASSWORD) {
                    ofLink.apply(link, value(property));
                }
            }
            String password = credential.password();
            return link.user(credential.user())
                    .password(password == null ? null : password.toCharArray())
                    .build();
        } catch (IllegalArgumentException invalid) {
            throw ConnectorMessages.invalidSetting(invalid);
        }
    }

    TxSettings tx() throws InvalidPropertyException {
        return tx(Home.current());
    }

    private TxSettings tx(String home) throws InvalidPropertyException {
        String prefix = value(Property.RESERVED_PREFIX);
        int maxTxnOps = maxTxnOps();
        Isolation isolation = isolation();
        try {
            Duration settlingTime = Durations.parse(Property.SETTLING_TIME.beanName(), value(Property.SETTLING_TIME));
            return new TxSettings(
                    prefix == null ? TxSettings.DEFAULT_RESERVED_PREFIX : prefix,
                    maxTxnOps,
                    NodeName.current(),
                    isolation,
                    settlingTime == null ? TxSettings.DEFAULT_SETTLING_TIME : settlingTime,
                    home);
        } catch (IllegalArgumentException invalid) {
            throw ConnectorMessages.invalidSetting(invalid);
        }
    }

    private Isolation isolation() throws InvalidPropertyException {
        String value = value(Property.ISOLATION);
        if (value == null) {
            return TxSettings.DEFAULT_ISOLATION;
        }
        for (Isolation level : Isolation.values()) {
            if (level.name().equalsIgnoreCase(value.strip())) {
                return level;
            }
        }
        throw ConnectorMessages.invalidProperty(Property.ISOLATION, value, null);
    }

    TransactionSupportLevel transactionSupport() throws InvalidPropertyException {
        String value = value(Property.TRANSACTION_SUPPORT);
        if (value == null) {
            return TransactionSupportLevel.XATransaction;
        }
        for (TransactionSupportLevel level : TransactionSupportLevel.values()) {
            if (level.name().equalsIgnoreCase(value.strip())) {
                return level;
            }
        }
        throw ConnectorMessages.invalidProperty(Property.TRANSACTION_SUPPORT, value, null);
    }

    /** How many there must be is known to TxSettings, and nowhere else. */
    private int maxTxnOps() throws InvalidPropertyException {
        String value = value(Property.MAX_TXN_OPS);
        if (value == null) {
            return TxSettings.DEFAULT_MAX_TXN_OPS;
        }
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException notANumber) {
            throw ConnectorMessages.invalidProperty(Property.MAX_TXN_OPS, value, notANumber);
        }
    }
}

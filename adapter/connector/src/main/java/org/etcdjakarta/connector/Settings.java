package org.etcdjakarta.connector;

import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.etcdjakarta.core.link.Durations;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.LinkProperty;
import org.etcdjakarta.core.tx.Isolation;
import org.etcdjakarta.core.tx.TxSettings;
import org.jspecify.annotations.Nullable;

/** The values of a factory's properties, found and checked. */
final class Settings {

    private final EtcdProperties factory;
    private final @Nullable EtcdProperties adapter;
    private final UnaryOperator<@Nullable String> systemProperty;
    private final UnaryOperator<@Nullable String> environment;

    Settings(EtcdProperties factory, @Nullable EtcdProperties adapter) {
        this(factory, adapter, System::getProperty, System::getenv);
    }

    Settings(
            EtcdProperties factory,
            @Nullable EtcdProperties adapter,
            UnaryOperator<@Nullable String> systemProperty,
            UnaryOperator<@Nullable String> environment) {
        this.factory = factory;
        this.adapter = adapter;
        this.systemProperty = systemProperty;
        this.environment = environment;
    }

    /**
     * The factory's value, else the adapter's, else the system property, else the environment variable, else null. System
     * properties are more than a convenience: Payara's command line takes no {@code :} in the value of a property.
     */
    @Nullable
    String value(Property property) {
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
        String prefix = value(Property.RESERVED_PREFIX);
        if (prefix == null) {
            prefix = TxSettings.DEFAULT_RESERVED_PREFIX;
        } else if (!prefix.endsWith("/")) {
            throw ConnectorMessages.invalidProperty(Property.RESERVED_PREFIX, prefix, null);
        }
        int maxTxnOps = maxTxnOps();
        Isolation isolation = isolation();
        try {
            Duration settlingTime = Durations.parse(Property.SETTLING_TIME.beanName(), value(Property.SETTLING_TIME));
            return new TxSettings(
                    prefix,
                    maxTxnOps,
                    NodeName.current(),
                    isolation,
                    settlingTime == null ? TxSettings.DEFAULT_SETTLING_TIME : settlingTime,
                    Home.current());
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

    private int maxTxnOps() throws InvalidPropertyException {
        String value = value(Property.MAX_TXN_OPS);
        if (value == null) {
            return TxSettings.DEFAULT_MAX_TXN_OPS;
        }
        try {
            int operations = Integer.parseInt(value.strip());
            if (operations >= 2) {
                return operations;
            }
        } catch (NumberFormatException notANumber) {
            throw ConnectorMessages.invalidProperty(Property.MAX_TXN_OPS, value, notANumber);
        }
        throw ConnectorMessages.invalidProperty(Property.MAX_TXN_OPS, value, null);
    }
}

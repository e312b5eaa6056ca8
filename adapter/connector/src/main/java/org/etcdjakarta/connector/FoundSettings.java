package org.etcdjakarta.connector;

import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A factory's settings, looked up and checked once and not for every connection that a pool hands out. They hold as long as no
 * property of factory and adapter is set. System properties and the environment are read again with every managed connection that is made.
 *
 * @param own values of the factory that these come from
 * @param ofAdapter values of the adapter that these come from
 * @param credential who a connection is when nobody signs on
 */
record FoundSettings(
        Map<Property, String> own,
        @Nullable Map<Property, String> ofAdapter,
        LinkSettings link,
        Credential credential) {

    static FoundSettings of(EtcdProperties factory, @Nullable EtcdProperties adapter) throws InvalidPropertyException {
        // Values first: what is set meanwhile is in the settings and not in these, so that it is looked up once more.
        Map<Property, String> own = factory.values();
        Map<Property, String> ofAdapter = adapter == null ? null : adapter.values();
        Settings settings = new Settings(factory, adapter);
        LinkSettings link = new LinkSettings(
                settings.link(Credential.NOBODY),
                settings.tx(),
                settings.transactionSupport() != TransactionSupportLevel.NoTransaction);
        return new FoundSettings(own, ofAdapter, link, settings.credential());
    }

    @SuppressWarnings("ReferenceEquality") // replaced with every change
    boolean holdFor(EtcdProperties factory, @Nullable EtcdProperties adapter) {
        return own == factory.values() && ofAdapter == (adapter == null ? null : adapter.values());
    }

    /** With the very link settings of the others when they are equal. */
    FoundSettings sharing(@Nullable FoundSettings others) {
        return others != null && others.link.equals(link)
                ? new FoundSettings(own, ofAdapter, others.link, credential)
                : this;
    }
}

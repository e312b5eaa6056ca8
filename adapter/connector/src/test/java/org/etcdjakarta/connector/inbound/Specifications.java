package org.etcdjakarta.connector.inbound;

import java.time.Duration;
import java.util.Objects;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TxSettings;

/** Settings without the checks of the adapter. */
final class Specifications {

    private Specifications() {}

    static ActivationSettings settings(EtcdActivationSpec spec, EtcdResourceAdapter adapter) {
        return new ActivationSettings(
                EtcdLinkConfig.builder().endpoints(adapter.getEndpoints()).build(),
                new TxSettings(TxSettings.DEFAULT_RESERVED_PREFIX, TxSettings.DEFAULT_MAX_TXN_OPS, "test"),
                String.valueOf(spec.getPrefix()),
                true,
                Long.parseLong(String.valueOf(spec.getStartRevision())),
                true,
                true,
                false,
                spec.getDurableName(),
                false,
                Integer.parseInt(Objects.requireNonNullElse(spec.getConcurrency(), "1")),
                -1,
                Duration.ofMillis(20),
                null);
    }
}

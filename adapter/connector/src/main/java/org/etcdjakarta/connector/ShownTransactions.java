package org.etcdjakarta.connector;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/** One management bean for each configuration that an adapter's connections have used, from its first use to the adapter's end. */
final class ShownTransactions {

    private final ManagementBeans beans;
    private final Set<Operations> shown = ConcurrentHashMap.newKeySet();

    ShownTransactions(ManagementBeans beans) {
        this.beans = beans;
    }

    void show(Operations operations) {
        if (shown.add(operations)) {
            var unused = beans.register("Transactions", name(operations.link()), new TransactionsBean(operations));
        }
    }

    private static String name(EtcdLinkConfig link) {
        return String.join(",", link.endpoints())
                + (link.user() == null ? "" : " as " + link.user())
                + (link.namespace().isEmpty() ? "" : " namespace " + link.namespace());
    }
}

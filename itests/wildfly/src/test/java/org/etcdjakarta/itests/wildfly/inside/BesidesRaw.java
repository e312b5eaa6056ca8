package org.etcdjakarta.itests.wildfly.inside;

import jakarta.resource.spi.ManagedConnection;
import jakarta.transaction.TransactionManager;
import java.util.List;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.connector.EtcdManagedConnectionFactory;

/**
 * Writes in one transaction through the pool and through a resource that the server has not wrapped, as that of a message-driven
 * bean's endpoint. Arguments: which one comes first, and the two keys.
 */
public final class BesidesRaw implements ServerCommand {

    @Override
    public String run(List<String> arguments) throws Exception {
        TransactionManager manager = Server.find("java:/TransactionManager");
        ManagedConnection raw = new EtcdManagedConnectionFactory().createManagedConnection(null, null);
        manager.begin();
        try {
            if (arguments.get(0).equals("raw")) {
                raw(manager, raw, arguments.get(1));
                pooled(arguments.get(2));
            } else {
                pooled(arguments.get(1));
                raw(manager, raw, arguments.get(2));
            }
            manager.commit();
        } finally {
            if (manager.getTransaction() != null) {
                manager.rollback();
            }
            raw.destroy();
        }
        return "committed";
    }

    private static void pooled(String key) throws Exception {
        EtcdConnectionFactory etcd = Server.find("java:/eis/etcd");
        try (EtcdConnection connection = etcd.getConnection()) {
            Server.put(connection, key, "written");
        }
    }

    private static void raw(TransactionManager manager, ManagedConnection raw, String key) throws Exception {
        manager.getTransaction().enlistResource(raw.getXAResource());
        Server.put((EtcdConnection) raw.getConnection(null, null), key, "written");
    }
}

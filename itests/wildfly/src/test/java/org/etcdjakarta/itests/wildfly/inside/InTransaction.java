package org.etcdjakarta.itests.wildfly.inside;

import jakarta.transaction.TransactionManager;
import java.util.List;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;

/** Writes in one transaction, each through a connection of its own. Arguments: commit or rollback; factory, key, factory, key. */
public final class InTransaction implements ServerCommand {

    @Override
    public String run(List<String> arguments) throws Exception {
        TransactionManager manager = Server.find("java:/TransactionManager");
        manager.begin();
        try {
            for (int i = 1; i < arguments.size(); i += 2) {
                EtcdConnectionFactory etcd = Server.find(arguments.get(i));
                try (EtcdConnection connection = etcd.getConnection()) {
                    Server.put(connection, arguments.get(i + 1), "written");
                }
            }
            if (arguments.get(0).equals("commit")) {
                manager.commit();
            }
        } finally {
            if (manager.getTransaction() != null) {
                manager.rollback();
            }
        }
        return arguments.get(0);
    }
}

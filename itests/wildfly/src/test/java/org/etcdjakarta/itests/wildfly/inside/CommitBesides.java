package org.etcdjakarta.itests.wildfly.inside;

import jakarta.transaction.TransactionManager;
import java.util.List;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.itests.wildfly.inside.OtherResource.AtCommit;

/** Writes keys in a transaction of two resources. Arguments: what the other one does at its commit, the factory, the keys. */
public final class CommitBesides implements ServerCommand {

    @Override
    public String run(List<String> arguments) throws Exception {
        TransactionManager manager = Server.find("java:/TransactionManager");
        EtcdConnectionFactory etcd = Server.find(arguments.get(1));
        manager.begin();
        try {
            manager.getTransaction().enlistResource(new OtherResource(AtCommit.valueOf(arguments.get(0))));
            try (EtcdConnection connection = etcd.getConnection()) {
                for (String key : arguments.subList(2, arguments.size())) {
                    Server.put(connection, key, "committed");
                }
            }
            manager.commit();
        } finally {
            if (manager.getTransaction() != null) {
                manager.rollback();
            }
        }
        return "committed";
    }
}

package org.etcdjakarta.itests.wildfly.inside;

import java.util.List;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;

/** One write outside of transactions. Arguments: the factory's name and the key. */
public final class Put implements ServerCommand {

    @Override
    public String run(List<String> arguments) throws Exception {
        EtcdConnectionFactory etcd = Server.find(arguments.get(0));
        try (EtcdConnection connection = etcd.getConnection()) {
            Server.put(connection, arguments.get(1), "written");
        }
        return "written";
    }
}

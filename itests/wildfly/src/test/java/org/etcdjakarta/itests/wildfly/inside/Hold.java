package org.etcdjakarta.itests.wildfly.inside;

import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;

/** Has several connections open at once. Arguments: the factory's name, how many, and "leak" to leave them open. */
public final class Hold implements ServerCommand {

    @Override
    public String run(List<String> arguments) throws Exception {
        EtcdConnectionFactory etcd = Server.find(arguments.get(0));
        List<EtcdConnection> open = new ArrayList<>();
        try {
            for (int i = 0; i < Integer.parseInt(arguments.get(1)); i++) {
                open.add(etcd.getConnection());
            }
        } finally {
            if (!arguments.contains("leak")) {
                for (EtcdConnection connection : open) {
                    connection.close();
                }
            }
        }
        return "held";
    }
}

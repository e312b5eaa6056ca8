package org.etcdjakarta.itests.wildfly.inside;

import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.ObjectName;
import org.etcdjakarta.connector.EtcdAdmin;

/** What an operator finds: the administered object of that name, and the management beans of transactions. */
public final class Administer implements ServerCommand {

    @Override
    public String run(List<String> arguments) throws Exception {
        EtcdAdmin admin = Server.find(arguments.get(0));
        int shown = ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.etcdjakarta:type=Transactions,*"), null)
                .size();
        return "etcd " + admin.status().version() + ", " + admin.metrics().inDoubt() + " in doubt, "
                + admin.list().size() + " listed, " + (shown > 0 ? "shown" : "not shown");
    }
}

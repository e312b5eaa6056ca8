package org.etcdjakarta.itests.wildfly;

import org.etcdjakarta.itests.wildfly.inside.CommandServlet;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** Applications that a {@link WildFlyProcess} runs. */
public final class Applications {

    private Applications() {}

    /** All commands of the package, driven by HTTP. */
    public static WebArchive commands() {
        return ShrinkWrap.create(WebArchive.class, "commands.war")
                .addPackage(CommandServlet.class.getPackage())
                .addAsWebInfResource("descriptors/jboss-deployment-structure.xml", "jboss-deployment-structure.xml");
    }

    /** Message-driven beans. */
    public static WebArchive inbound(Class<?>... beans) {
        return ShrinkWrap.create(WebArchive.class, "inbound.war")
                .addClass("org.etcdjakarta.itests.wildfly.inbound.Counting")
                .addClasses(beans)
                .addAsWebInfResource("descriptors/jboss-deployment-structure.xml", "jboss-deployment-structure.xml");
    }
}

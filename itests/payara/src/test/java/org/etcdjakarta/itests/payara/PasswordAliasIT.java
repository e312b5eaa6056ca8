package org.etcdjakarta.itests.payara;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;
import javax.naming.InitialContext;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pool whose password is an alias, by the commands of the connector's README ({@link PayaraDomain}). */
@ExtendWith(ArquillianExtension.class)
@Tag("smoke")
class PasswordAliasIT {

    @Deployment
    static WebArchive application() {
        return ShrinkWrap.create(WebArchive.class, "alias.war")
                .addClass(PasswordAliasIT.class)
                .addAsWebInfResource("descriptors/glassfish-web.xml", "glassfish-web.xml")
                .setWebXML("descriptors/web.xml");
    }

    /** This etcd lets in nobody who has not signed on, and no wrong password ({@code BadInputSuite}). */
    @Test
    @SuppressWarnings("BanJNDI") // a constant name
    void thePasswordIsThatOfItsAlias() throws Exception {
        EtcdConnectionFactory secured = InitialContext.doLookup("eis/secured");
        ByteSequence key = ByteSequence.from("/alias", StandardCharsets.UTF_8);
        try (EtcdConnection connection = secured.getConnection()) {
            connection.kv().put(key, key).join();
            assertEquals(1, connection.kv().get(key).join().getCount());
        }
    }
}

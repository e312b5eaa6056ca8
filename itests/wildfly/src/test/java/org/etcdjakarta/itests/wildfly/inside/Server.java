package org.etcdjakarta.itests.wildfly.inside;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.etcdjakarta.EtcdConnection;

/** What commands have in common. */
final class Server {

    private Server() {}

    @SuppressWarnings({"BanJNDI", "TypeParameterUnusedInFormals"}) // the names are constants of these tests
    static <T> T find(String name) throws NamingException {
        return InitialContext.doLookup(name);
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    static void put(EtcdConnection connection, String key, String value) {
        connection.kv().put(bytes(key), bytes(value)).join();
    }
}

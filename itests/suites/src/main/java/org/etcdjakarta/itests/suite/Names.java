package org.etcdjakarta.itests.suite;

import jakarta.transaction.UserTransaction;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;

/** What the server offers to the application under a name. */
final class Names {

    private Names() {}

    /** A new connection of the factory that the WAR refers to. */
    static EtcdConnection connect() throws Exception {
        return etcd().getConnection();
    }

    static EtcdConnectionFactory etcd() throws NamingException {
        return find("java:comp/env/eis/etcd");
    }

    static DataSource database() throws NamingException {
        return find("java:comp/DefaultDataSource");
    }

    static UserTransaction transaction() throws NamingException {
        return find("java:comp/UserTransaction");
    }

    @SuppressWarnings({"BanJNDI", "TypeParameterUnusedInFormals"}) // the names are constants of these tests
    static <T> T find(String name) throws NamingException {
        return InitialContext.doLookup(name);
    }
}

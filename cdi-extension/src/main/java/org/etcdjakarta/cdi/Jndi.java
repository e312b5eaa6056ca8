package org.etcdjakarta.cdi;

import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/** The one place that looks something up. */
final class Jndi {

    private Jndi() {}

    /** Names come from the deployer's configuration, not from users, and the server's own naming answers. */
    @SuppressWarnings("BanJNDI")
    static @Nullable Object lookup(String name) throws NamingException {
        var context = new InitialContext();
        try {
            return context.lookup(name);
        } finally {
            context.close();
        }
    }
}

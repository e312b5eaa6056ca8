package org.etcdjakarta;

import jakarta.resource.Referenceable;
import jakarta.resource.ResourceException;
import java.io.Serializable;

/**
 * Hands out connections to one etcd cluster. An application gets it from JNDI, {@code java:comp/env/eis/etcd}; the server
 * pools what stands behind the connections. Safe for use by many threads.
 */
public interface EtcdConnectionFactory extends Referenceable, Serializable {

    /**
     * Opens a connection as the user that the server or the factory's configuration names. Inside a JTA transaction the
     * connection takes part in it. Does not wait for etcd: an unreachable cluster shows at the first operation.
     *
     * <p>Open the connection inside the transaction that is to use it. One that was opened earlier is refused there on
     * servers that do not enlist it, with {@link EtcdException} code {@code ETCD-00301}.
     *
     * @return an open connection, to be closed by the caller
     * @throws ResourceException when the pool has no free connection within its own time-out, when the configuration is
     *     wrong (the message names the property, the value and what is allowed), or when enlistment fails
     */
    EtcdConnection getConnection() throws ResourceException;

    /**
     * Opens a connection as the user given (component-managed sign-on); everything else as {@link #getConnection()}.
     *
     * @param user etcd user name, as of {@code etcdctl user add}
     * @param password its password
     * @return an open connection, to be closed by the caller
     * @throws ResourceException as {@link #getConnection()}
     */
    EtcdConnection getConnection(String user, String password) throws ResourceException;
}

package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import java.io.Serial;
import javax.naming.NamingException;
import javax.naming.Reference;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.jspecify.annotations.Nullable;

/** What applications find in JNDI. */
public final class EtcdConnectionFactoryImpl implements EtcdConnectionFactory {

    @Serial
    private static final long serialVersionUID = 1L;

    private final EtcdManagedConnectionFactory managedFactory;

    /** Of the server; Connectors demands that it is serializable, though its type does not say so. */
    @SuppressWarnings("serial")
    private final ConnectionManager connectionManager;

    private @Nullable Reference reference;

    EtcdConnectionFactoryImpl(EtcdManagedConnectionFactory managedFactory, ConnectionManager connectionManager) {
        this.managedFactory = managedFactory;
        this.connectionManager = connectionManager;
    }

    @Override
    public EtcdConnection getConnection() throws ResourceException {
        return allocate(null);
    }

    @Override
    public EtcdConnection getConnection(String user, String password) throws ResourceException {
        return allocate(new EtcdConnectionRequestInfo(user, password));
    }

    private EtcdConnection allocate(@Nullable ConnectionRequestInfo info) throws ResourceException {
        return (EtcdConnection) connectionManager.allocateConnection(managedFactory, info);
    }

    @Override
    public void setReference(Reference newReference) {
        reference = newReference;
    }

    /**
     * @throws NamingException when the server has set none, as it does when it binds the factory
     */
    @Override
    public Reference getReference() throws NamingException {
        Reference current = reference;
        if (current == null) {
            throw new NamingException("the server that binds this factory has set no reference");
        }
        return current;
    }
}

package org.etcdjakarta.connector;

import jakarta.resource.Referenceable;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.AdministeredObject;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import java.io.Serial;
import java.util.List;
import java.util.Objects;
import javax.naming.NamingException;
import javax.naming.Reference;
import org.etcdjakarta.core.tx.TransactionAdmin.InDoubtBranch;
import org.etcdjakarta.core.tx.TransactionAdmin.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * What is bound for operators. It has the connection properties of a factory; what it leaves out comes from its adapter. Holds no
 * connection: it uses that of the factories with the same settings, and opens one for a call where there is none.
 */
@AdministeredObject(adminObjectInterfaces = EtcdAdmin.class)
public final class EtcdAdminObject extends EtcdProperties
        implements EtcdAdmin, ResourceAdapterAssociation, Referenceable {

    @Serial
    private static final long serialVersionUID = 1L;

    private volatile @Nullable EtcdResourceAdapter adapter;
    private @Nullable Reference reference;

    /** For the server, which sets the properties afterwards. */
    public EtcdAdminObject() {}

    private Operations operations() throws InvalidPropertyException {
        Settings settings = new Settings(this, adapter);
        return new Operations(settings.link(settings.credential()), settings.tx());
    }

    @Override
    public List<InDoubtBranch> list() throws ResourceException {
        return operations().list();
    }

    @Override
    public void commit(String xid) throws ResourceException {
        operations().commit(xid);
    }

    @Override
    public void rollback(String xid) throws ResourceException {
        operations().rollback(xid);
    }

    @Override
    public void forget(String xid) throws ResourceException {
        operations().forget(xid);
    }

    @Override
    public Metrics metrics() throws ResourceException {
        return operations().metrics();
    }

    @Override
    public Status status() throws ResourceException {
        return operations().status();
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(@Nullable ResourceAdapter resourceAdapter) throws ResourceException {
        adapter = EtcdResourceAdapter.associated(adapter, resourceAdapter);
    }

    @Override
    public void setReference(Reference newReference) {
        reference = newReference;
    }

    /**
     * @throws NamingException when the server has set none, as it does when it binds the object
     */
    @Override
    public Reference getReference() throws NamingException {
        Reference current = reference;
        if (current == null) {
            throw new NamingException("the server that binds this object has set no reference");
        }
        return current;
    }

    /** By configuration, which is all that it has. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (sameConfiguration(other)
                        && other instanceof EtcdAdminObject object
                        && Objects.equals(adapter, object.adapter));
    }

    @Override
    public int hashCode() {
        return configurationHash();
    }
}

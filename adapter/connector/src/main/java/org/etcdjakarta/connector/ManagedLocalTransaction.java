package org.etcdjakarta.connector;

import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;
import java.util.function.Consumer;
import org.etcdjakarta.core.tx.TxSession;

/** A local transaction that the server demarcates; it needs no events about what it does itself. */
final class ManagedLocalTransaction implements LocalTransaction {

    private final TxSession session;

    private final Consumer<RuntimeException> failed;

    /** @param failed hears of a step that fails, before whoever has asked for it */
    ManagedLocalTransaction(TxSession session, Consumer<RuntimeException> failed) {
        this.session = session;
        this.failed = failed;
    }

    @Override
    public void begin() throws LocalTransactionException {
        run("begin", session::begin);
    }

    @Override
    public void commit() throws LocalTransactionException {
        run("commit", session::commit);
    }

    @Override
    public void rollback() throws LocalTransactionException {
        run("rollback", session::rollback);
    }

    private void run(String verb, Runnable step) throws LocalTransactionException {
        try {
            step.run();
        } catch (RuntimeException failure) {
            failed.accept(failure);
            throw ConnectorMessages.localTransaction(verb, failure);
        }
    }
}

package org.etcdjakarta.connector;

import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.connector.EtcdAdmin.Status;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TransactionAdmin;
import org.etcdjakarta.core.tx.TransactionAdmin.InDoubtBranch;
import org.etcdjakarta.core.tx.TransactionAdmin.Metrics;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSettings;

/**
 * What operators may do, behind administered object and management bean. Link and engine are taken for each call: those of the
 * pools when there are any, so that nothing is held open for operators alone.
 */
record Operations(EtcdLinkConfig link, TxSettings settings) {

    private <T> T ask(Function<TransactionAdmin, T> question) {
        try (TxEngine engine = TxEngine.open(link, settings)) {
            return question.apply(engine.admin());
        }
    }

    private Void tell(Function<TransactionAdmin, Runnable> order) {
        return ask(admin -> {
            order.apply(admin).run();
            return null;
        });
    }

    List<InDoubtBranch> list() {
        return ask(TransactionAdmin::list);
    }

    void commit(String xid) {
        tell(admin -> () -> admin.commit(xid));
    }

    void rollback(String xid) {
        tell(admin -> () -> admin.rollback(xid));
    }

    void forget(String xid) {
        tell(admin -> () -> admin.forget(xid));
    }

    Metrics metrics() {
        return ask(TransactionAdmin::metrics);
    }

    Status status() {
        try (EtcdLink open = EtcdLink.open(link)) {
            return new Status(open.version().get(), open.endpoints());
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof EtcdException known) {
                throw known;
            }
            throw new CompletionException(failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CompletionException(interrupted);
        }
    }
}

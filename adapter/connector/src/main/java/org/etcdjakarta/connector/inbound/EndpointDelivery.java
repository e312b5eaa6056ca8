package org.etcdjakarta.connector.inbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdWatchListener;
import org.etcdjakarta.connector.inbound.Outcome.Kind;
import org.jspecify.annotations.Nullable;

/**
 * One call of a bean, in its transaction. {@code afterDelivery} follows {@code beforeDelivery} whatever is thrown in between, and the
 * endpoint is given back whatever those two throw. A bean that throws is rolled back also where the server would commit, as it does after
 * exceptions that are not of the system.
 *
 * <p>Whether it has committed is not what {@code afterDelivery} returns or throws, which no specification says, but what the
 * transaction tells a synchronization.
 *
 * @see <a href="https://jakarta.ee/specifications/connectors/2.1/">Jakarta Connectors 2.1, 13.5 Endpoint and message delivery</a>
 */
final class EndpointDelivery {

    private static final System.Logger LOG = System.getLogger(EndpointDelivery.class.getName());

    private static final Method ON_WATCH = method("onWatch", EtcdBatch.class);
    private static final Method ON_GAP = method("onGap", EtcdGap.class);

    /** What goes into the bean's transaction besides what the bean does. */
    interface InTransaction {
        void run();
    }

    private final MessageEndpointFactory factory;
    private final @Nullable TransactionSynchronizationRegistry transactions;
    private final boolean batchesTransacted;
    private final boolean gapsTransacted;

    /** @throws ResourceException the bean does not implement the listener */
    EndpointDelivery(MessageEndpointFactory factory, @Nullable TransactionSynchronizationRegistry transactions)
            throws ResourceException {
        this.factory = factory;
        this.transactions = transactions;
        try {
            batchesTransacted = factory.isDeliveryTransacted(ON_WATCH);
            gapsTransacted = factory.isDeliveryTransacted(ON_GAP);
        } catch (NoSuchMethodException e) {
            throw new ResourceException("the endpoint has no method of " + EtcdWatchListener.class.getName(), e);
        }
    }

    private static Method method(String name, Class<?> parameter) {
        try {
            return EtcdWatchListener.class.getMethod(name, parameter);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isTransacted(Item item) {
        return item instanceof Item.Lost ? gapsTransacted : batchesTransacted;
    }

    /**
     * @param resource taken into the transaction; null for none
     * @param inTransaction only where there is a transaction
     */
    Outcome deliver(Item item, @Nullable XAResource resource, InTransaction inTransaction) {
        MessageEndpoint endpoint;
        try {
            endpoint = factory.createEndpoint(isTransacted(item) ? resource : null);
        } catch (ResourceException | RuntimeException | Error e) {
            // all of them are in use, or the application is being started or stopped
            return new Outcome(Kind.NOT_CALLED, e);
        }
        try {
            return deliver(item, endpoint, inTransaction);
        } finally {
            release(endpoint);
        }
    }

    private Outcome deliver(Item item, MessageEndpoint endpoint, InTransaction inTransaction) {
        try {
            endpoint.beforeDelivery(item instanceof Item.Lost ? ON_GAP : ON_WATCH);
        } catch (ResourceException | NoSuchMethodException | RuntimeException | Error e) {
            endWhatItHasBegun(endpoint);
            return new Outcome(Kind.NOT_CALLED, e);
        }
        Ending ending = null;
        Throwable failure = null;
        try {
            if (isTransacted(item)) {
                ending = Ending.of(transactions);
                inTransaction.run();
            }
            call(endpoint, item);
        } catch (Throwable e) {
            failure = e;
            rollBack();
        }
        try {
            endpoint.afterDelivery();
        } catch (ResourceException | RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "the delivery did not end as usual", e);
            if (failure == null) {
                failure = e;
            }
        }
        Outcome outcome = outcome(isTransacted(item), ending, failure);
        return outcome.kind() == Kind.FAILED && isOfContainer(failure, endpoint)
                ? new Outcome(Kind.NOT_CALLED, failure)
                : outcome;
    }

    private boolean isOfContainer(@Nullable Throwable failure, MessageEndpoint endpoint) {
        return failure != null && Refusal.isOfContainer(failure, factory.getEndpointClass(), endpoint);
    }

    /**
     * WildFly begins the transaction, then enlists the resource, and when that fails leaves the transaction on the thread, for whatever
     * the pool runs on it next. Only the endpoint can take it away.
     */
    private void endWhatItHasBegun(MessageEndpoint endpoint) {
        TransactionSynchronizationRegistry registry = transactions;
        try {
            if (registry != null && registry.getTransactionKey() != null) {
                rollBack();
                endpoint.afterDelivery();
            }
        } catch (ResourceException | RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "a delivery that has not begun did not end as usual", e);
        }
    }

    private static void call(MessageEndpoint endpoint, Item item) throws Exception {
        EtcdWatchListener bean = (EtcdWatchListener) endpoint;
        if (item instanceof Item.Changes changes) {
            bean.onWatch(changes.batch());
        } else if (item instanceof Item.Lost lost) {
            bean.onGap(lost.gap());
        }
    }

    private void rollBack() {
        TransactionSynchronizationRegistry registry = transactions;
        try {
            if (registry != null && registry.getTransactionStatus() == Status.STATUS_ACTIVE) {
                registry.setRollbackOnly();
            }
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "the transaction has ended already", e);
        }
    }

    private static Outcome outcome(boolean transacted, @Nullable Ending ending, @Nullable Throwable failure) {
        if (ending == null && transacted) {
            // nobody tells how it has ended
            return new Outcome(Kind.UNKNOWN, failure);
        }
        if (ending == null) {
            return failure == null ? Outcome.DELIVERED : new Outcome(Kind.FAILED, failure);
        }
        return switch (ending.status) {
            case Status.STATUS_COMMITTED -> Outcome.DELIVERED;
            case Status.STATUS_ROLLEDBACK -> new Outcome(Kind.FAILED, failure);
            default -> new Outcome(Kind.UNKNOWN, failure);
        };
    }

    private static void release(MessageEndpoint endpoint) {
        try {
            endpoint.release();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "an endpoint was not given back", e);
        }
    }

    /** Hears how a transaction ends. */
    private static final class Ending implements Synchronization {

        private volatile int status = Status.STATUS_UNKNOWN;

        /** Of the transaction of this thread; null when it can't be heard. */
        static @Nullable Ending of(@Nullable TransactionSynchronizationRegistry registry) {
            if (registry == null || registry.getTransactionKey() == null) {
                return null;
            }
            Ending ending = new Ending();
            registry.registerInterposedSynchronization(ending);
            return ending;
        }

        @Override
        public void beforeCompletion() {}

        @Override
        public void afterCompletion(int ended) {
            status = ended;
        }
    }
}

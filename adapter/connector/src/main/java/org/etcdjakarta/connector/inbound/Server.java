package org.etcdjakarta.connector.inbound;

import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkException;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What deliveries need of the server.
 *
 * @param executor of the server's threads; throws RejectedExecutionException when it has none left
 * @param transactions null where the server lends none
 */
record Server(Executor executor, @Nullable TransactionSynchronizationRegistry transactions) {

    static Server of(BootstrapContext context) {
        return new Server(task -> schedule(context, task), context.getTransactionSynchronizationRegistry());
    }

    private static void schedule(BootstrapContext context, Runnable task) {
        try {
            context.getWorkManager().scheduleWork(new Delivery(task));
        } catch (WorkException e) {
            throw new RejectedExecutionException("the work manager of the server takes no more work", e);
        }
    }

    private record Delivery(Runnable task) implements Work {

        @Override
        public void run() {
            task.run();
        }

        /** The server stops. Nothing here, as it deactivates the endpoints as well, and that ends their deliveries. */
        @Override
        public void release() {}
    }
}

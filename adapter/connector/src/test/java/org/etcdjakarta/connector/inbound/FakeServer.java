package org.etcdjakarta.connector.inbound;

import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkManager;
import jakarta.resource.spi.work.WorkRejectedException;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/** A server as deliveries see it: threads, and transactions with one resource, that are committed in one phase. */
final class FakeServer implements AutoCloseable {

    /** A transaction of the thread that has begun it. */
    static final class Tx {

        final Xid xid = new Id(NUMBERS.incrementAndGet());
        final List<Synchronization> synchronizations = new ArrayList<>();
        final List<XAResource> resources = new ArrayList<>();
        int status = Status.STATUS_ACTIVE;

        void enlist(XAResource resource) throws XAException {
            resource.start(xid, resources.isEmpty() ? XAResource.TMNOFLAGS : XAResource.TMJOIN);
            resources.add(resource);
        }

        void complete() throws XAException {
            CURRENT.remove();
            for (XAResource resource : resources) {
                resource.end(xid, XAResource.TMSUCCESS);
            }
            boolean commit = status == Status.STATUS_ACTIVE;
            status = Status.STATUS_ROLLEDBACK;
            try {
                if (!resources.isEmpty()) {
                    if (commit) {
                        resources.get(0).commit(xid, true);
                    } else {
                        resources.get(0).rollback(xid);
                    }
                }
                status = commit ? Status.STATUS_COMMITTED : Status.STATUS_ROLLEDBACK;
            } catch (XAException e) {
                status = e.errorCode == XAException.XAER_RMFAIL ? Status.STATUS_UNKNOWN : Status.STATUS_ROLLEDBACK;
                throw e;
            } finally {
                synchronizations.forEach(each -> each.afterCompletion(status));
            }
        }
    }

    private record Id(long number) implements Xid {

        @Override
        public int getFormatId() {
            return 7;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return ByteBuffer.allocate(16)
                    .putLong(ProcessHandle.current().pid())
                    .putLong(number)
                    .array();
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {1};
        }
    }

    /** Of the thread. */
    static final ThreadLocal<@Nullable Tx> CURRENT = new ThreadLocal<>();

    private static final AtomicLong NUMBERS = new AtomicLong(System.nanoTime());

    final AtomicInteger threads = new AtomicInteger();
    private final ExecutorService pool = Executors.newCachedThreadPool();

    /** The work manager refuses so many. */
    final AtomicInteger refusals = new AtomicInteger();

    /** How it refuses; rejected when null. */
    volatile @Nullable Error refusal;

    boolean lendsTransactions = true;

    BootstrapContext context() {
        WorkManager manager = fake(WorkManager.class, (method, arguments) -> {
            if (!method.equals("scheduleWork")) {
                throw new UnsupportedOperationException(method);
            }
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                Error broken = refusal;
                if (broken != null) {
                    throw broken;
                }
                throw new WorkRejectedException("the pool is full");
            }
            threads.incrementAndGet();
            pool.execute((Work) arguments[0]);
            return null;
        });
        return fake(BootstrapContext.class, (method, arguments) -> switch (method) {
            case "getWorkManager" -> manager;
            case "getTransactionSynchronizationRegistry" -> lendsTransactions ? registry() : null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private TransactionSynchronizationRegistry registry() {
        return fake(TransactionSynchronizationRegistry.class, (method, arguments) -> {
            Tx tx = CURRENT.get();
            return switch (method) {
                case "getTransactionKey" -> tx;
                case "getTransactionStatus" -> tx == null ? Status.STATUS_NO_TRANSACTION : tx.status;
                case "setRollbackOnly" -> {
                    required(tx).status = Status.STATUS_MARKED_ROLLBACK;
                    yield null;
                }
                case "registerInterposedSynchronization" -> {
                    required(tx).synchronizations.add((Synchronization) arguments[0]);
                    yield null;
                }
                default -> throw new UnsupportedOperationException(method);
            };
        });
    }

    private static Tx required(@Nullable Tx tx) {
        if (tx == null) {
            throw new IllegalStateException("no transaction");
        }
        return tx;
    }

    private interface Answer {
        @Nullable
        Object to(String method, Object[] arguments) throws Throwable;
    }

    private static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                FakeServer.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.to(method.getName(), arguments)));
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}

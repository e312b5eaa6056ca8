package org.etcdjakarta.connector;

import java.util.List;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.TransactionAdmin.Metrics;
import org.jspecify.annotations.Nullable;

/** Behind {@link TransactionsMXBean}. What fails is told in words: a tool elsewhere has none of our classes. */
final class TransactionsBean implements TransactionsMXBean {

    private static final long LOOK_NANOS = 1_000_000_000L;

    /** What came of it: one of the two. */
    private record Look(@Nullable Metrics metrics, @Nullable String failure, long nanos) {

        boolean isOld() {
            return System.nanoTime() - nanos > LOOK_NANOS;
        }
    }

    private final Operations operations;
    private @Nullable Look last;

    TransactionsBean(Operations operations) {
        this.operations = operations;
    }

    /** A tool asks for one attribute after the other. */
    private synchronized Metrics metrics() {
        Look look = last;
        if (look == null || look.isOld()) {
            look = look();
            last = look;
        }
        Metrics metrics = look.metrics();
        if (metrics == null) {
            // not asked again for each attribute: every question would last as long as a request may
            throw new IllegalStateException(String.valueOf(look.failure()));
        }
        return metrics;
    }

    private Look look() {
        try {
            return new Look(told(operations::metrics), null, System.nanoTime());
        } catch (IllegalStateException failure) {
            return new Look(null, failure.getMessage(), System.nanoTime());
        }
    }

    private synchronized void forgetLook() {
        last = null;
    }

    private static <T> T told(Supplier<T> question) {
        try {
            return question.get();
        } catch (EtcdException failure) {
            throw inWords(failure);
        }
    }

    private void told(Runnable order) {
        try {
            order.run();
        } catch (EtcdException failure) {
            throw inWords(failure);
        } finally {
            forgetLook();
        }
    }

    private static IllegalStateException inWords(EtcdException failure) {
        return new IllegalStateException(failure.getMessage());
    }

    @Override
    public long getInDoubt() {
        return metrics().inDoubt();
    }

    @Override
    public long getOldestSeconds() {
        return metrics().oldest().map(age -> age.toSeconds()).orElse(-1L);
    }

    @Override
    public long getConflicts() {
        return metrics().conflicts();
    }

    @Override
    public long getFences() {
        return metrics().fences();
    }

    @Override
    public long getRetries() {
        return metrics().retries();
    }

    @Override
    public List<BranchView> list() {
        return told(operations::list).stream().map(BranchView::new).toList();
    }

    @Override
    public void commit(String xid) {
        told(() -> operations.commit(xid));
    }

    @Override
    public void rollback(String xid) {
        told(() -> operations.rollback(xid));
    }

    @Override
    public void forget(String xid) {
        told(() -> operations.forget(xid));
    }
}

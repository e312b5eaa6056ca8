package org.etcdjakarta.connector.inbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdWatchListener;
import org.jspecify.annotations.Nullable;

/** A message-driven bean and the container around it. Notes what it gets, by default takes all of it, and checks the order of the calls. */
final class FakeBean implements MessageEndpointFactory {

    /** What the bean does. */
    interface Behaviour {
        void take(EtcdBatch<byte[]> batch) throws Exception;
    }

    final List<String> taken = new CopyOnWriteArrayList<>();
    final List<EtcdGap> gaps = new CopyOnWriteArrayList<>();
    final List<String> wrongOrder = new CopyOnWriteArrayList<>();
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    volatile Behaviour behaviour = batch -> {};
    volatile Behaviour onGap = none -> {};
    volatile int endpoints = Integer.MAX_VALUE;
    volatile boolean transacted = true;

    /** Throws before the bean is called. */
    volatile @Nullable ResourceException beforeDelivery;

    /** The server has begun a transaction, and cannot enlist the resource. */
    volatile @Nullable ResourceException enlisting;

    /** Thrown by the container, not by the bean. */
    volatile @Nullable Error broken;

    /** Begun by the container and not ended. */
    final AtomicInteger transactions = new AtomicInteger();

    /** {@code key=value}, {@code -key} for a delete; of committed deliveries only. */
    static String text(EtcdEvent<byte[]> event) {
        byte[] value = event.value();
        return value == null ? "-" + event.key() : event.key() + "=" + new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public MessageEndpoint createEndpoint(@Nullable XAResource resource) throws UnavailableException {
        Error failure = broken;
        if (failure != null) {
            throw failure;
        }
        if (open.incrementAndGet() > endpoints) {
            open.decrementAndGet();
            throw new UnavailableException("all endpoints are in use");
        }
        return new Endpoint(resource);
    }

    @Override
    public MessageEndpoint createEndpoint(@Nullable XAResource resource, long timeout) throws UnavailableException {
        return createEndpoint(resource);
    }

    @Override
    public boolean isDeliveryTransacted(Method method) {
        return transacted;
    }

    @Override
    public String getActivationName() {
        return "bean";
    }

    @Override
    public Class<?> getEndpointClass() {
        return FakeBean.class;
    }

    private final class Endpoint implements MessageEndpoint, EtcdWatchListener {

        private final @Nullable XAResource resource;
        private FakeServer.@Nullable Tx tx;
        private @Nullable Thread delivering;
        private @Nullable String note;

        Endpoint(@Nullable XAResource resource) {
            this.resource = resource;
        }

        private void expect(boolean right, String what) {
            if (!right) {
                wrongOrder.add(what);
            }
        }

        @Override
        public void beforeDelivery(Method method) throws ResourceException {
            expect(delivering == null, "beforeDelivery within a delivery");
            ResourceException failure = beforeDelivery;
            if (failure != null) {
                throw failure;
            }
            delivering = Thread.currentThread();
            if (transacted) {
                FakeServer.Tx begun = new FakeServer.Tx();
                tx = begun;
                FakeServer.CURRENT.set(begun);
                transactions.incrementAndGet();
                ResourceException refused = enlisting;
                if (refused != null) {
                    throw refused;
                }
                if (resource != null) {
                    try {
                        begun.enlist(resource);
                    } catch (XAException e) {
                        throw new ResourceException(e);
                    }
                }
            }
        }

        @Override
        public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
            expect(delivering == Thread.currentThread(), "onWatch outside of a delivery");
            calls.incrementAndGet();
            behaviour.take(batch);
            note = String.join(" ", batch.events().stream().map(FakeBean::text).toList());
        }

        @Override
        public void onGap(EtcdGap gap) throws Exception {
            expect(delivering == Thread.currentThread(), "onGap outside of a delivery");
            calls.incrementAndGet();
            onGap.take(new EtcdBatch<>(gap.revision(), List.of()));
            if (tx == null) {
                gaps.add(gap);
            } else {
                tx.synchronizations.add(0, new After(() -> gaps.add(gap)));
            }
        }

        @Override
        public void afterDelivery() throws ResourceException {
            expect(delivering == Thread.currentThread(), "afterDelivery without beforeDelivery on this thread");
            delivering = null;
            FakeServer.Tx ending = tx;
            tx = null;
            String got = note;
            note = null;
            if (ending == null) {
                if (got != null) {
                    taken.add(got);
                }
                return;
            }
            transactions.decrementAndGet();
            if (got != null) {
                ending.synchronizations.add(0, new After(() -> taken.add(got)));
            }
            try {
                ending.complete();
            } catch (XAException e) {
                throw new ResourceException(e);
            }
        }

        @Override
        public void release() {
            expect(delivering == null, "release within a delivery");
            open.decrementAndGet();
        }
    }

    /** Of commits only. */
    private record After(Runnable note) implements jakarta.transaction.Synchronization {

        @Override
        public void beforeCompletion() {}

        @Override
        public void afterCompletion(int status) {
            if (status == jakarta.transaction.Status.STATUS_COMMITTED) {
                note.run();
            }
        }
    }
}

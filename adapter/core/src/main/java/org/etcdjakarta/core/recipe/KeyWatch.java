package org.etcdjakarta.core.recipe;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;

/** Waits until a key may have been deleted, by a watch of the link, which resumes by itself; nothing is asked meanwhile. */
final class KeyWatch {

    private final EtcdLink link;
    private final Session session;

    KeyWatch(EtcdLink link, Session session) {
        this.link = link;
        this.session = session;
    }

    /**
     * Returns when the key was deleted at this revision or later, when events were lost, when the session does not hold the lease any
     * more, or when the limit ends it. The caller looks what it was.
     *
     * @throws EtcdException when etcd refuses the watch for good
     * @throws IllegalStateException when this reference on the link is closed, now or meanwhile; the session's may be another
     */
    void awaitDelete(ByteString physicalKey, long fromRevision, long leaseId, Limit limit) throws InterruptedException {
        CompletableFuture<Void> wake = new CompletableFuture<>();
        ByteSequence key =
                ByteSequence.from(physicalKey.substring(link.namespace().size()));
        WatchSpec deletes = WatchSpec.key(key).from(fromRevision).only(false, true);
        AutoCloseable listening = session.onChange(state -> {
            if (session.remaining(leaseId).isZero()) {
                wake.complete(null);
            }
        });
        Runnable forget = link.onClose(() -> wake.completeExceptionally(
                new IllegalStateException("the reference on the link that was waited with is closed")));
        try (var watch = link.watches().subscribe(deletes, new Waker(wake), link.executor())) {
            if (!watch.isClosed() && !session.remaining(leaseId).isZero()) {
                limit.await(wake);
            }
        } finally {
            forget.run();
            close(listening);
        }
    }

    /** That of a session throws nothing. */
    static void close(AutoCloseable listening) {
        try {
            listening.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private record Waker(CompletableFuture<Void> wake) implements WatchConsumer {

        @Override
        public void onBatch(RevisionBatch batch) {
            wake.complete(null);
        }

        @Override
        public void onGap(EtcdGap gap) {
            wake.complete(null);
        }

        @Override
        public void onFailure(EtcdException failure) {
            wake.completeExceptionally(failure);
        }
    }
}

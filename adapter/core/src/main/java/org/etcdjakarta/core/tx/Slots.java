package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * The slots of one link, as many as there have been commits and prepares at once. One that is in doubt is in nobody's hands
 * until it is settled. They have no lease: one that expired would leave a lost answer unexplained.
 */
final class Slots {

    private static final System.Logger LOG = System.getLogger(Slots.class.getName());

    private static final int ATTEMPTS = 3;
    private static final Duration LAST_CALL = Duration.ofSeconds(2);

    private final String prefix;
    private final Pace pace;
    private final Deque<Slot> idle = new ArrayDeque<>();
    private long slots;
    private long ids;
    private boolean closed;

    /** @param prefix of all keys of this link's slots; nobody else uses it, ever */
    Slots(String prefix, Pace pace) {
        this.prefix = prefix;
        this.pace = pace;
    }

    /** Of one try to commit or prepare. */
    synchronized String newId() {
        return String.valueOf(++ids);
    }

    /** The one that was used last, so that few are used at all. Else a new one, for which etcd is asked. */
    Slot take(KvProtocol kv) {
        synchronized (this) {
            Slot slot = idle.pollFirst();
            if (slot != null) {
                return slot;
            }
        }
        return create(kv);
    }

    /**
     * By a put without a guard: the key is nobody else's. If the answer is lost, the put may arrive when the slot is in use and
     * spoil it; so another number is tried.
     */
    private Slot create(KvProtocol kv) {
        for (int i = 1; ; i++) {
            ByteString key;
            synchronized (this) {
                key = ByteString.copyFromUtf8(prefix + ++slots);
            }
            try {
                Slot.Value value = new Slot.Value(Slot.State.UNUSED, "0", Instant.ofEpochMilli(pace.millis()));
                PutRequest put = PutRequest.newBuilder()
                        .setKey(key)
                        .setValue(value.encode())
                        .build();
                return new Slot(key, Await.answer(kv.put(put)).getHeader().getRevision());
            } catch (EtcdException e) {
                // Nothing of the transaction has been sent yet, and whoever asks must not take it for in doubt.
                if (i == ATTEMPTS || e.effect() != Effect.IN_DOUBT) {
                    throw e.effect() == Effect.IN_DOUBT ? TxErrors.noSlot(e) : e;
                }
            }
        }
    }

    /** Of a closed link it is not kept. */
    void giveBack(Slot slot, KvProtocol kv) {
        synchronized (this) {
            if (!closed) {
                idle.addFirst(slot);
                return;
            }
        }
        delete(List.of(slot), kv);
    }

    /** Deletes those that are idle; waits a moment for it. One in doubt stays in etcd, for whoever looks. */
    void close(KvProtocol kv) {
        List<Slot> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(idle);
            idle.clear();
        }
        delete(left, kv);
    }

    /** What is not deleted in time, another link's sweep finds. */
    private static void delete(List<Slot> slots, KvProtocol kv) {
        try {
            CompletableFuture.allOf(slots.stream()
                            .map(slot -> kv.deleteRange(DeleteRangeRequest.newBuilder()
                                    .setKey(slot.key())
                                    .build()))
                            .toArray(CompletableFuture[]::new))
                    .get(LAST_CALL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.log(Level.DEBUG, () -> "slots " + slots + " were not deleted: " + e);
        }
    }
}

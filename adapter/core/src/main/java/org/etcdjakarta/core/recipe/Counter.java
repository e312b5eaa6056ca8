package org.etcdjakarta.core.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.support.Util;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * A number in a key, as decimal text, that many may change at once. Each change is one Txn that compares the mod revision of what it
 * was computed from, and is computed anew when somebody else was first. Not part of a transaction: takes effect at once.
 *
 * <p>An answer that is lost is settled: is the key unchanged, a put of the same number makes sure that the late original can never be
 * applied, and the change is tried again; has it been changed, to something that this change cannot have written, it is tried again,
 * too. Otherwise it cannot be known, and is in doubt. It is never applied twice.
 *
 * <p>All methods block, each call to etcd within the request timeout.
 */
public final class Counter {

    private static final int MOST_ATTEMPTS = 64;
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final EtcdLink link;
    private final KvProtocol kv;
    private final String name;
    private final ByteString key;
    private final boolean fenced;

    private record Seen(long number, long modRevision, long version, long leaseId) {}

    Counter(EtcdLink link, String key) {
        this(link, key, false);
    }

    private Counter(EtcdLink link, String name, boolean fenced) {
        this.link = link;
        this.kv = link.kvProtocol();
        this.name = name;
        this.key = Util.prefixNamespace(ByteSequence.from(name, UTF_8), link.namespace());
        this.fenced = fenced;
    }

    /**
     * The same counter under the fences of the calling thread: its changes are applied only if the thread holds all the locks, and
     * works under the leaderships, that it has taken at that revision.
     */
    public Counter fenced() {
        return new Counter(link, name, true);
    }

    /**
     * The number now.
     *
     * @return 0 when the key is absent or empty
     * @throws EtcdException when etcd cannot be asked, or the value is no number
     */
    public long get() {
        return read().number();
    }

    /**
     * Adds to it; what does not fit into 64 bits is refused.
     *
     * @return the number after it
     * @throws ArithmeticException when it would overflow; nothing was written
     * @throws EtcdConflictException when others were first time and again, or a fence is lost; nothing was written
     * @throws EtcdInDoubtException when it cannot be known whether it was applied; it was applied once or not at all
     * @throws EtcdException when etcd cannot be asked, or refuses
     */
    public long addAndGet(long delta) {
        return change(number -> Math.addExact(number, delta));
    }

    /**
     * Sets it when it is as expected. In doubt as {@link #addAndGet}.
     *
     * @return false when it is another number; nothing was written then
     */
    public boolean compareAndSet(long expected, long update) {
        for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
            Seen seen = read();
            if (seen.number() != expected) {
                return false;
            }
            if (write(seen, update)) {
                return true;
            }
            pause(attempt);
        }
        throw RecipeErrors.contended(name, MOST_ATTEMPTS, endpoints());
    }

    private long change(LongUnaryOperator step) {
        for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
            Seen seen = read();
            long next = step.applyAsLong(seen.number());
            if (write(seen, next)) {
                return next;
            }
            pause(attempt);
        }
        throw RecipeErrors.contended(name, MOST_ATTEMPTS, endpoints());
    }

    private Seen read() {
        RangeRequest request = RangeRequest.newBuilder().setKey(key).build();
        List<KeyValue> kvs = Answers.join(kv.range(request)).getKvsList();
        return seen(kvs.isEmpty() ? null : kvs.get(0));
    }

    private Seen seen(@Nullable KeyValue standing) {
        if (standing == null) {
            return new Seen(0, 0, 0, 0);
        }
        String text = standing.getValue().toStringUtf8();
        try {
            long number = text.isEmpty() ? 0 : Long.parseLong(text);
            return new Seen(number, standing.getModRevision(), standing.getVersion(), standing.getLease());
        } catch (NumberFormatException e) {
            throw RecipeErrors.noNumber(name, e);
        }
    }

    /** False when it was not applied and never will be: the number has to be computed anew. */
    private boolean write(Seen seen, long next) {
        List<Compare> fences = fenced ? Fences.ofCurrentThread(link.config()) : List.of();
        TxnRequest.Builder txn = TxnRequest.newBuilder()
                .addCompare(Requests.modified(key, seen.modRevision()))
                .addAllCompare(fences)
                .addSuccess(Requests.put(key, text(next), seen.leaseId()));
        fences.forEach(fence -> txn.addFailure(Requests.get(fence.getKey())));
        TxnResponse answer;
        try {
            answer = Answers.join(kv.txn(txn.build()));
        } catch (EtcdInDoubtException e) {
            return settle(seen, next, e);
        }
        if (!answer.getSucceeded()) {
            check(fences, answer.getResponsesList());
        }
        return answer.getSucceeded();
    }

    private void check(List<Compare> fences, List<ResponseOp> answers) {
        for (int i = 0; i < fences.size(); i++) {
            List<KeyValue> standing = answers.get(i).getResponseRange().getKvsList();
            if (standing.isEmpty()
                    || standing.get(0).getCreateRevision() != fences.get(i).getCreateRevision()) {
                throw RecipeErrors.fenceLost(fences.get(i).getKey().toStringUtf8(), endpoints());
            }
        }
    }

    /** False when it was not applied and never will be. */
    private boolean settle(Seen seen, long next, EtcdInDoubtException doubt) {
        TxnRequest fence = TxnRequest.newBuilder()
                .addCompare(Requests.modified(key, seen.modRevision()))
                .addSuccess(Requests.put(key, text(seen.number()), seen.leaseId()))
                .addFailure(Requests.get(key))
                .build();
        TxnResponse answer;
        try {
            answer = Answers.join(kv.txn(fence));
        } catch (EtcdException e) {
            doubt.addSuppressed(e);
            throw RecipeErrors.counterInDoubt(name, doubt);
        }
        if (answer.getSucceeded()) {
            return false;
        }
        List<KeyValue> kvs = answer.getResponses(0).getResponseRange().getKvsList();
        KeyValue standing = kvs.isEmpty() ? null : kvs.get(0);
        if (standing != null
                && standing.getVersion() == seen.version() + 1
                && !standing.getValue().equals(text(next))) {
            return false;
        }
        throw RecipeErrors.counterInDoubt(name, doubt);
    }

    private static ByteString text(long number) {
        return ByteString.copyFromUtf8(Long.toString(number));
    }

    private static void pause(int attempt) {
        long most = Math.min(LONGEST_PAUSE_NANOS, attempt * TimeUnit.MILLISECONDS.toNanos(1));
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most + 1));
    }

    private String endpoints() {
        return String.join(",", link.config().endpoints());
    }
}

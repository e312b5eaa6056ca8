package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.api.lock.LockGrpc;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.UnlockRequest;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.lock.UnlockResponse;
import io.etcd.jetcd.support.Util;
import java.util.concurrent.CompletableFuture;

/**
 * jetcd's {@link Lock}. {@code lock} waits at etcd for its turn, without a time limit; cancelling the future gives up the
 * place in the queue, and so does the end of the reference on the link that it was asked through. A cancellation that crosses
 * the answer leaves the lock taken until its lease ends.
 *
 * <p>It stays on etcd's own lock service and does not use {@code core.recipe}. The recipe is safer by what this interface has no word
 * for: a session that tells by its clock that the lease is lost, an owner, and a value for each attempt by which a lost answer is
 * settled. With nothing but a lease the service does what can be done, in the same queue. Who needs more takes the recipe's lock.
 */
final class LockClient implements Lock {

    private final Calls calls;
    private final Waiting waiting;
    private final ByteSequence namespace;

    LockClient(Calls calls, Waiting waiting, ByteSequence namespace) {
        this.calls = calls;
        this.waiting = waiting;
        this.namespace = namespace;
    }

    @Override
    public CompletableFuture<LockResponse> lock(ByteSequence name, long leaseId) {
        LockRequest request = LockRequest.newBuilder()
                .setName(Util.prefixNamespace(name, namespace))
                .setLease(leaseId)
                .build();
        return waiting.await(LockGrpc.getLockMethod(), request, response -> new LockResponse(response, namespace));
    }

    @Override
    public CompletableFuture<UnlockResponse> unlock(ByteSequence lockKey) {
        UnlockRequest request = UnlockRequest.newBuilder()
                .setKey(Util.prefixNamespace(lockKey, namespace))
                .build();
        return calls.write(LockGrpc.getUnlockMethod(), request).thenApply(UnlockResponse::new);
    }
}

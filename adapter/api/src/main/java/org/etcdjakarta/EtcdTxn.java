package org.etcdjakarta;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Builds one etcd transaction: <em>if</em> all compares hold, <em>then</em> do these operations, <em>else</em> those, atomically
 * and at one revision. As jetcd's {@code Txn}, over our compares and operations. Not thread-safe.
 *
 * @see <a href="https://etcd.io/docs/v3.5/learning/api/#transaction">etcd, transactions</a>
 */
public final class EtcdTxn {

    private final EtcdKv kv;
    private final List<EtcdCompare> compares = new ArrayList<>();
    private final List<EtcdOp> success = new ArrayList<>();
    private final List<EtcdOp> failure = new ArrayList<>();
    private boolean seenThen;
    private boolean seenElse;

    /**
     * As {@link EtcdKv#newTxn()}.
     *
     * @param kv does the transaction at commit
     */
    public EtcdTxn(EtcdKv kv) {
        this.kv = requireNonNull(kv, "kv");
    }

    /**
     * Adds conditions. Without any, the success branch is taken.
     *
     * @param more all of them must hold
     * @return this
     * @throws IllegalArgumentException after {@code Then} or {@code Else}
     */
    public EtcdTxn If(EtcdCompare... more) {
        if (seenThen) {
            throw new IllegalArgumentException("cannot call If after Then!");
        }
        if (seenElse) {
            throw new IllegalArgumentException("cannot call If after Else!");
        }
        compares.addAll(List.of(more));
        return this;
    }

    /**
     * Adds operations for when all conditions hold.
     *
     * @param more done in this order; no key may be put twice, or put and deleted
     * @return this
     * @throws IllegalArgumentException after {@code Else}
     */
    public EtcdTxn Then(EtcdOp... more) {
        if (seenElse) {
            throw new IllegalArgumentException("cannot call Then after Else!");
        }
        seenThen = true;
        success.addAll(List.of(more));
        return this;
    }

    /**
     * Adds operations for when a condition does not hold.
     *
     * @param more done in this order; no key may be put twice, or put and deleted
     * @return this
     */
    public EtcdTxn Else(EtcdOp... more) {
        seenElse = true;
        failure.addAll(List.of(more));
        return this;
    }

    /**
     * The transaction as an operation, to be nested in another one, or kept.
     *
     * @return what has been added up to now
     */
    public EtcdOp.Txn toOp() {
        return EtcdOp.txn(compares, success, failure);
    }

    /**
     * Does it. Inside a JTA transaction it becomes part of that: the compares are evaluated on its view and recorded as read, the
     * writes are buffered until its commit.
     *
     * @return completes with the branch taken and the results; exceptionally with an {@link EtcdException}, for instance an
     *     {@link EtcdLimitException} for more operations than etcd's {@code --max-txn-ops} (128)
     */
    public CompletableFuture<EtcdTxnResult> commit() {
        return kv.execute(toOp()).thenApply(EtcdResult::asTxn);
    }
}

package org.etcdjakarta;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.concurrent.CompletableFuture;

/**
 * jetcd's {@link KV} and what Go's client has beyond it: single operations that can be looked into, transactions whose results
 * are in order and whose compares know leases and ranges, puts that keep the value or the lease, and pages. The {@code KV} of
 * {@link EtcdConnection#kv()}, of an {@code EtcdLink}'s client, and the injected one are of this type: see {@link #of(KV)}.
 *
 * <p>All methods take part in a JTA transaction as {@code get}, {@code put} and {@code txn} do.
 *
 * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#KV">Go's KV</a>
 */
public interface EtcdKv extends KV {

    /**
     * The same object with all its methods.
     *
     * @param kv from an {@link EtcdConnection}, an {@code EtcdLink}'s client, or injected
     * @return {@code kv}
     * @throws IllegalArgumentException when it comes from another client
     */
    static EtcdKv of(KV kv) {
        if (kv instanceof EtcdKv etcdKv) {
            return etcdKv;
        }
        throw new IllegalArgumentException(
                "kv is a " + (kv == null ? "null" : kv.getClass().getName())
                        + ", which has only jetcd's methods; allowed is a KV from an EtcdConnection, from an EtcdLink's client, or"
                        + " injected by the CDI extension");
    }

    /**
     * Does one operation (Go's {@code Do}).
     *
     * @param op what to do
     * @return completes with the result of its kind; exceptionally with an {@link EtcdException}
     */
    CompletableFuture<EtcdResult> execute(EtcdOp op);

    /**
     * A range of any size, page by page at one revision. Reads nothing yet. It belongs to the JTA transaction in which its first
     * page is read, if any.
     *
     * @param key the key, or the first one of the range, or the prefix
     * @param option range or prefix; {@code limit} is for all pages together; revision, filters, {@code keysOnly} as for
     *     {@code get}; {@code serializable} holds for the first page
     * @return the pages
     * @throws IllegalArgumentException for a sort order other than by key ascending, and for {@code countOnly}
     */
    EtcdPages pages(ByteSequence key, GetOption option);

    /**
     * Begins an etcd transaction with our compares and operations.
     *
     * @return a new builder
     */
    default EtcdTxn newTxn() {
        return new EtcdTxn(this);
    }

    /**
     * Puts a value and leaves the key attached to its lease, if any; jetcd's {@code put} detaches it.
     *
     * @param key an existing key
     * @param value its new value
     * @return completes as {@code put}; exceptionally with an {@link EtcdException} when the key does not exist
     */
    default CompletableFuture<PutResponse> putKeepingLease(ByteSequence key, ByteSequence value) {
        return putKeepingLease(key, value, PutOption.DEFAULT);
    }

    /**
     * Puts a value and leaves the key attached to its lease, if any (Go's {@code WithIgnoreLease}).
     *
     * @param key an existing key
     * @param value its new value
     * @param option without a lease
     * @return completes as {@code put}; exceptionally with an {@link EtcdException} when the key does not exist
     */
    default CompletableFuture<PutResponse> putKeepingLease(ByteSequence key, ByteSequence value, PutOption option) {
        return execute(EtcdOp.put(key, value, option).ignoringLease()).thenApply(EtcdResult::asPut);
    }

    /**
     * Attaches an existing key to the lease of the option, or detaches it, and leaves its value (Go's {@code WithIgnoreValue}).
     *
     * @param key an existing key
     * @param option with the lease, or none to detach the key
     * @return completes as {@code put}; exceptionally with an {@link EtcdException} when the key does not exist
     */
    default CompletableFuture<PutResponse> putKeepingValue(ByteSequence key, PutOption option) {
        return execute(EtcdOp.put(key, ByteSequence.EMPTY, option).ignoringValue())
                .thenApply(EtcdResult::asPut);
    }
}

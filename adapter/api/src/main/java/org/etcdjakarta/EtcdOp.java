package org.etcdjakarta;

import static java.util.Objects.requireNonNull;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.List;
import java.util.Optional;

/**
 * One operation, to be done by itself ({@link EtcdKv#execute(EtcdOp)}) or in an {@link EtcdTxn}. Unlike jetcd's {@code Op} it can
 * be looked into, and a put can keep the key's value or lease. Immutable; in Java its kind is asked for with {@code instanceof}.
 *
 * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Op">Go's Op</a>
 */
public sealed interface EtcdOp {

    /**
     * Reads one key.
     *
     * @param key the key
     * @return the operation
     */
    static Get get(ByteSequence key) {
        return get(key, GetOption.DEFAULT);
    }

    /**
     * Reads a key or a range of keys.
     *
     * @param key the key, or the first one of the range
     * @param option jetcd's options, see also {@link EtcdOptions}
     * @return the operation
     */
    static Get get(ByteSequence key, GetOption option) {
        return new Get(key, option);
    }

    /**
     * Writes one key. Without a lease: a key that was attached to one is not any more. {@link Put#ignoringLease()} keeps it.
     *
     * @param key the key
     * @param value its new value
     * @return the operation
     */
    static Put put(ByteSequence key, ByteSequence value) {
        return put(key, value, PutOption.DEFAULT);
    }

    /**
     * Writes one key.
     *
     * @param key the key
     * @param value its new value
     * @param option jetcd's options
     * @return the operation
     */
    static Put put(ByteSequence key, ByteSequence value, PutOption option) {
        return new Put(key, value, option, false, false);
    }

    /**
     * Deletes one key.
     *
     * @param key the key
     * @return the operation
     */
    static Delete delete(ByteSequence key) {
        return delete(key, DeleteOption.DEFAULT);
    }

    /**
     * Deletes a key or a range of keys.
     *
     * @param key the key, or the first one of the range
     * @param option jetcd's options, see also {@link EtcdOptions}
     * @return the operation
     */
    static Delete delete(ByteSequence key, DeleteOption option) {
        return new Delete(key, option);
    }

    /**
     * A nested transaction. etcd evaluates the compares of all levels before the first operation.
     *
     * @param compares all of them must hold, in the state before the outermost transaction
     * @param success done when all compares hold
     * @param failure done otherwise
     * @return the operation
     */
    static Txn txn(List<EtcdCompare> compares, List<? extends EtcdOp> success, List<? extends EtcdOp> failure) {
        return new Txn(compares, List.copyOf(success), List.copyOf(failure));
    }

    /**
     * jetcd's operation.
     *
     * @param op jetcd's
     * @return the same as one of ours
     */
    static EtcdOp of(io.etcd.jetcd.op.Op op) {
        return JetcdTranslation.operation(op);
    }

    /**
     * Whether the operation may change something: a put, a delete, or a transaction with one of them in either branch.
     *
     * @return false when it only reads
     */
    boolean isWrite();

    /**
     * Go's {@code IsGet}.
     *
     * @return true for a {@link Get}
     */
    default boolean isGet() {
        return this instanceof Get;
    }

    /**
     * Go's {@code IsPut}.
     *
     * @return true for a {@link Put}
     */
    default boolean isPut() {
        return this instanceof Put;
    }

    /**
     * Go's {@code IsDelete}.
     *
     * @return true for a {@link Delete}
     */
    default boolean isDelete() {
        return this instanceof Delete;
    }

    /**
     * Go's {@code IsTxn}.
     *
     * @return true for a {@link Txn}
     */
    default boolean isTxn() {
        return this instanceof Txn;
    }

    /**
     * Reads a key or a range of keys.
     *
     * @param key the key, or the first one of the range; without the client's namespace
     * @param option jetcd's options
     */
    record Get(ByteSequence key, GetOption option) implements EtcdOp {

        /**
         * As {@link EtcdOp#get(ByteSequence, GetOption)}.
         *
         * @param key the key, or the first one of the range
         * @param option jetcd's options
         */
        public Get {
            requireNonNull(key, "key");
            requireNonNull(option, "option");
        }

        /**
         * The key after the last one of the range.
         *
         * @return empty when one key is read
         */
        public Optional<ByteSequence> rangeEnd() {
            return option.getEndKey()
                    .or(() -> option.isPrefix() ? Optional.of(EtcdOptions.prefixEnd(key)) : Optional.empty());
        }

        @Override
        public boolean isWrite() {
            return false;
        }
    }

    /**
     * Writes one key.
     *
     * @param key the key, without the client's namespace
     * @param value its new value; must be empty when the value is kept
     * @param option jetcd's options; without a lease when the lease is kept
     * @param ignoreValue the key keeps its value
     * @param ignoreLease the key keeps its lease
     */
    record Put(ByteSequence key, ByteSequence value, PutOption option, boolean ignoreValue, boolean ignoreLease)
            implements EtcdOp {

        /**
         * As {@link EtcdOp#put(ByteSequence, ByteSequence, PutOption)}.
         *
         * @param key the key
         * @param value its new value
         * @param option jetcd's options
         * @param ignoreValue the key keeps its value
         * @param ignoreLease the key keeps its lease
         */
        public Put {
            requireNonNull(key, "key");
            requireNonNull(value, "value");
            requireNonNull(option, "option");
        }

        /**
         * The same, but the key keeps its value: the put changes its lease, version and mod revision only (Go's
         * {@code WithIgnoreValue}). etcd refuses it when a value is given, or when the key does not exist.
         *
         * @return a new operation
         */
        public Put ignoringValue() {
            return new Put(key, value, option, true, ignoreLease);
        }

        /**
         * The same, but the key keeps the lease that it is attached to, if any (Go's {@code WithIgnoreLease}). etcd refuses it
         * when a lease is given, or when the key does not exist.
         *
         * @return a new operation
         */
        public Put ignoringLease() {
            return new Put(key, value, option, ignoreValue, true);
        }

        @Override
        public boolean isWrite() {
            return true;
        }
    }

    /**
     * Deletes a key or a range of keys.
     *
     * @param key the key, or the first one of the range; without the client's namespace
     * @param option jetcd's options
     */
    record Delete(ByteSequence key, DeleteOption option) implements EtcdOp {

        /**
         * As {@link EtcdOp#delete(ByteSequence, DeleteOption)}.
         *
         * @param key the key, or the first one of the range
         * @param option jetcd's options
         */
        public Delete {
            requireNonNull(key, "key");
            requireNonNull(option, "option");
        }

        /**
         * The key after the last one of the range.
         *
         * @return empty when one key is deleted
         */
        public Optional<ByteSequence> rangeEnd() {
            return option.getEndKey()
                    .or(() -> option.isPrefix() ? Optional.of(EtcdOptions.prefixEnd(key)) : Optional.empty());
        }

        @Override
        public boolean isWrite() {
            return true;
        }
    }

    /**
     * A transaction.
     *
     * @param compares all of them must hold
     * @param success done when all compares hold
     * @param failure done otherwise
     */
    record Txn(List<EtcdCompare> compares, List<EtcdOp> success, List<EtcdOp> failure) implements EtcdOp {

        /**
         * As {@link EtcdOp#txn(List, List, List)}.
         *
         * @param compares all of them must hold
         * @param success done when all compares hold
         * @param failure done otherwise
         */
        public Txn {
            compares = List.copyOf(compares);
            success = List.copyOf(success);
            failure = List.copyOf(failure);
        }

        @Override
        public boolean isWrite() {
            return success.stream().anyMatch(EtcdOp::isWrite)
                    || failure.stream().anyMatch(EtcdOp::isWrite);
        }
    }
}

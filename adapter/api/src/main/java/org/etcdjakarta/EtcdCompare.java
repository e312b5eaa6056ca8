package org.etcdjakarta;

import static java.util.Objects.requireNonNull;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.op.Cmp;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A condition of an {@link EtcdTxn}: one number, or the value, of a key against an operand. It is what jetcd's {@link Cmp} is,
 * and has what that lacks: the lease as target, and ranges of keys. Immutable.
 *
 * <p>A compare over a range ({@link #withRange(ByteSequence)}, {@link #withPrefix()}) holds when it holds for <em>every</em> key
 * of the range. A key that does not exist, or a range without a key, is compared as one key with version, revisions and lease 0;
 * a compare of its value never holds, whatever the relation.
 *
 * @see <a href="https://etcd.io/docs/v3.5/learning/api/#transaction">etcd, transactions</a>
 */
public final class EtcdCompare {

    /** What of the key is compared. */
    public enum Target {
        /** How many times the key was put since it was created; 0 when it does not exist. */
        VERSION,
        /** Revision of the put that created the key; 0 when it does not exist. */
        CREATE_REVISION,
        /** Revision of the last put of the key; 0 when it does not exist. */
        MOD_REVISION,
        /** The value, byte by byte, bytes being unsigned. */
        VALUE,
        /** The id of the lease that the key is attached to; 0 for none. */
        LEASE
    }

    private final ByteSequence key;
    private final @Nullable ByteSequence rangeEnd;
    private final Target target;
    private final Cmp.Op op;
    private final long number;
    private final @Nullable ByteSequence value;

    private EtcdCompare(
            ByteSequence key,
            @Nullable ByteSequence rangeEnd,
            Target target,
            Cmp.Op op,
            long number,
            @Nullable ByteSequence value) {
        this.key = requireNonNull(key, "key");
        this.rangeEnd = rangeEnd;
        this.target = target;
        this.op = requireNonNull(op, "op");
        this.number = number;
        this.value = value;
    }

    /**
     * Compares how many times the key was put since it was created.
     *
     * @param key the key
     * @param op the relation of the key's version to {@code version}
     * @param version 0 for a key that does not exist
     * @return the compare
     */
    public static EtcdCompare version(ByteSequence key, Cmp.Op op, long version) {
        return number(key, Target.VERSION, op, version);
    }

    /**
     * Compares the revision at which the key was created.
     *
     * @param key the key
     * @param op the relation of the key's create revision to {@code revision}
     * @param revision 0 for a key that does not exist
     * @return the compare
     */
    public static EtcdCompare createRevision(ByteSequence key, Cmp.Op op, long revision) {
        return number(key, Target.CREATE_REVISION, op, revision);
    }

    /**
     * Compares the revision of the key's last put.
     *
     * @param key the key
     * @param op the relation of the key's mod revision to {@code revision}
     * @param revision 0 for a key that does not exist
     * @return the compare
     */
    public static EtcdCompare modRevision(ByteSequence key, Cmp.Op op, long revision) {
        return number(key, Target.MOD_REVISION, op, revision);
    }

    /**
     * Compares the value. Never holds for a key that does not exist.
     *
     * @param key the key
     * @param op the relation of the key's value to {@code value}
     * @param value the other value
     * @return the compare
     */
    public static EtcdCompare value(ByteSequence key, Cmp.Op op, ByteSequence value) {
        return new EtcdCompare(key, null, Target.VALUE, op, 0, requireNonNull(value, "value"));
    }

    /**
     * Compares the lease that the key is attached to (Go's {@code LeaseValue}).
     *
     * @param key the key
     * @param op the relation of the key's lease to {@code lease}
     * @param lease id of a lease, 0 for none
     * @return the compare
     */
    public static EtcdCompare lease(ByteSequence key, Cmp.Op op, long lease) {
        return number(key, Target.LEASE, op, lease);
    }

    /**
     * jetcd's compare.
     *
     * @param compare jetcd's
     * @return the same as one of ours
     */
    public static EtcdCompare of(Cmp compare) {
        return JetcdTranslation.compare(compare);
    }

    private static EtcdCompare number(ByteSequence key, Target target, Cmp.Op op, long number) {
        return new EtcdCompare(key, null, target, op, number, null);
    }

    /**
     * The same over all keys from this one up to, and without, {@code end}.
     *
     * @param end the key after the last one; {@code "\0"} for all keys from this one
     * @return a new compare
     */
    public EtcdCompare withRange(ByteSequence end) {
        return new EtcdCompare(key, requireNonNull(end, "end"), target, op, number, value);
    }

    /**
     * The same over all keys that begin with this one.
     *
     * @return a new compare
     */
    public EtcdCompare withPrefix() {
        return withRange(EtcdOptions.prefixEnd(key));
    }

    /**
     * The key, or the first one of the range.
     *
     * @return without the client's namespace
     */
    public ByteSequence key() {
        return key;
    }

    /**
     * The key after the last one of the range.
     *
     * @return empty when one key is compared
     */
    public Optional<ByteSequence> rangeEnd() {
        return Optional.ofNullable(rangeEnd);
    }

    /**
     * What of the key is compared.
     *
     * @return the target
     */
    public Target target() {
        return target;
    }

    /**
     * How the key's target has to be related to the operand.
     *
     * @return the relation
     */
    public Cmp.Op op() {
        return op;
    }

    /**
     * The operand of all targets but the value.
     *
     * @return version, revision or id of a lease; 0 when the target is {@link Target#VALUE}
     */
    public long number() {
        return number;
    }

    /**
     * The operand when the target is {@link Target#VALUE}.
     *
     * @return empty for all other targets
     */
    public Optional<ByteSequence> value() {
        return Optional.ofNullable(value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EtcdCompare that
                && key.equals(that.key)
                && Objects.equals(rangeEnd, that.rangeEnd)
                && target == that.target
                && op == that.op
                && number == that.number
                && Objects.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, rangeEnd, target, op, number, value);
    }

    /** For logs; the value is not shown. */
    @Override
    public String toString() {
        return target + "(" + key + (rangeEnd == null ? "" : " to " + rangeEnd) + ") " + op
                + (value == null ? " " + number : " (" + value.size() + " bytes)");
    }
}

package org.etcdjakarta;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import java.util.Arrays;

/**
 * Options of Go's client for which jetcd has no word, as builders of jetcd's options: {@code kv.get(prefix,
 * EtcdOptions.lastCreate().build())}. The key of a get with one of the six {@code first} and {@code last} options is a prefix.
 *
 * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#OpOption">Go's OpOption</a>
 */
public final class EtcdOptions {

    private static final ByteSequence END_OF_KEYS = ByteSequence.from(new byte[] {0});

    private EtcdOptions() {}

    /**
     * The first key below the prefix (Go's {@code WithFirstKey}). Costs etcd the same as reading one key.
     *
     * @return a new builder
     */
    public static GetOption.Builder firstKey() {
        // no sort order: etcd's own order is this one, and an order that is asked for makes it read the whole range
        return GetOption.builder().isPrefix(true).withLimit(1);
    }

    /**
     * The last key below the prefix (Go's {@code WithLastKey}). etcd reads the whole range for it.
     *
     * @return a new builder
     */
    public static GetOption.Builder lastKey() {
        return top(SortTarget.KEY, SortOrder.DESCEND);
    }

    /**
     * The key below the prefix that was created first (Go's {@code WithFirstCreate}), for instance the holder of a lock. etcd
     * reads the whole range for it.
     *
     * @return a new builder
     */
    public static GetOption.Builder firstCreate() {
        return top(SortTarget.CREATE, SortOrder.ASCEND);
    }

    /**
     * The key below the prefix that was created last (Go's {@code WithLastCreate}). etcd reads the whole range for it.
     *
     * @return a new builder
     */
    public static GetOption.Builder lastCreate() {
        return top(SortTarget.CREATE, SortOrder.DESCEND);
    }

    /**
     * The key below the prefix whose last put is the oldest (Go's {@code WithFirstRev}). etcd reads the whole range for it.
     *
     * @return a new builder
     */
    public static GetOption.Builder firstRev() {
        return top(SortTarget.MOD, SortOrder.ASCEND);
    }

    /**
     * The key below the prefix that was put last (Go's {@code WithLastRev}). etcd reads the whole range for it.
     *
     * @return a new builder
     */
    public static GetOption.Builder lastRev() {
        return top(SortTarget.MOD, SortOrder.DESCEND);
    }

    private static GetOption.Builder top(SortTarget target, SortOrder order) {
        return GetOption.builder()
                .isPrefix(true)
                .withSortField(target)
                .withSortOrder(order)
                .withLimit(1);
    }

    /**
     * All keys from this one on (Go's {@code WithFromKey}), up to the end of the client's namespace.
     *
     * @return a new builder
     */
    public static GetOption.Builder fromKey() {
        return GetOption.builder().withRange(END_OF_KEYS);
    }

    /**
     * Deletes all keys from this one on (Go's {@code WithFromKey}), up to the end of the client's namespace.
     *
     * @return a new builder
     */
    public static DeleteOption.Builder deleteFromKey() {
        return DeleteOption.builder().withRange(END_OF_KEYS);
    }

    /**
     * The end of the range of all keys that begin with a prefix (Go's {@code GetPrefixRangeEnd}).
     *
     * @param prefix the prefix; may be empty
     * @return the smallest key that is larger than all of them; {@code "\0"}, the end of all keys, for a prefix that is empty or
     *     has no byte but {@code 0xff}
     */
    public static ByteSequence prefixEnd(ByteSequence prefix) {
        byte[] bytes = prefix.getBytes();
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (bytes[i] != (byte) 0xff) {
                bytes[i]++;
                return ByteSequence.from(Arrays.copyOf(bytes, i + 1));
            }
        }
        return END_OF_KEYS;
    }
}

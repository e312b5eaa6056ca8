package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A half-open interval of keys, which etcd's messages write as {@code key} and {@code range_end}.
 *
 * @param from the first key
 * @param to the key after the last one; null for no upper bound
 */
record KeyRange(ByteString from, @Nullable ByteString to) {

    static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

    static KeyRange of(ByteString key, ByteString rangeEnd) {
        if (rangeEnd.isEmpty()) {
            return single(key);
        }
        return new KeyRange(key, rangeEnd.equals(ZERO) ? null : rangeEnd);
    }

    static KeyRange single(ByteString key) {
        return new KeyRange(key, after(key));
    }

    /** All keys that begin with the prefix, whose last byte must not be 0xff. */
    static KeyRange prefix(ByteString prefix) {
        int last = prefix.size() - 1;
        byte next = (byte) (prefix.byteAt(last) + 1);
        return new KeyRange(prefix, prefix.substring(0, last).concat(ByteString.copyFrom(new byte[] {next})));
    }

    static KeyRange prefix(String prefix) {
        return prefix(ByteString.copyFromUtf8(prefix));
    }

    /** The smallest key that is larger. */
    static ByteString after(ByteString key) {
        return key.concat(ZERO);
    }

    boolean isSingle() {
        return to != null && to.size() == from.size() + 1 && to.startsWith(from) && to.byteAt(from.size()) == 0;
    }

    boolean isEmpty() {
        return to != null && ORDER.compare(from, to) >= 0;
    }

    /** What goes into a message's {@code range_end}. */
    ByteString rangeEnd() {
        if (isSingle()) {
            return ByteString.EMPTY;
        }
        return to == null ? ZERO : to;
    }

    /** Of all its keys. */
    RangeRequest.Builder request() {
        return RangeRequest.newBuilder().setKey(from).setRangeEnd(rangeEnd());
    }

    boolean contains(ByteString key) {
        return ORDER.compare(from, key) <= 0 && (to == null || ORDER.compare(key, to) < 0);
    }

    boolean contains(KeyRange other) {
        return ORDER.compare(from, other.from) <= 0
                && (to == null || (other.to != null && ORDER.compare(other.to, to) <= 0));
    }

    boolean overlaps(KeyRange other) {
        return !isEmpty() && !other.isEmpty() && endsAfter(other.from) && other.endsAfter(from);
    }

    KeyRange upTo(ByteString end) {
        return new KeyRange(from, end);
    }

    KeyRange startingAt(ByteString start) {
        return new KeyRange(start, to);
    }

    private boolean endsAfter(ByteString key) {
        return to == null || ORDER.compare(to, key) > 0;
    }
}

package org.etcdjakarta.embedded.store;

import com.google.protobuf.ByteString;
import org.pcollections.TreePMap;

/** etcd's key ranges: without end one key, with the end "\0" everything from the key on, else up to the end, exclusive. */
public record KeyRange(ByteString key, ByteString end) {

    /** The end that stands for none: everything from the key on. */
    public static final ByteString OPEN_END = ByteString.copyFrom(new byte[1]);

    public boolean isSingle() {
        return end.isEmpty();
    }

    private boolean isOpen() {
        return end.equals(OPEN_END);
    }

    /** When its end is not behind its start. */
    public boolean isEmpty() {
        return !isSingle()
                && !isOpen()
                && ByteString.unsignedLexicographicalComparator().compare(key, end) >= 0;
    }

    public boolean contains(ByteString other) {
        var order = ByteString.unsignedLexicographicalComparator();
        return isSingle()
                ? key.equals(other)
                : order.compare(key, other) <= 0 && (isOpen() || order.compare(other, end) < 0);
    }

    /** The part of the map that lies in this range. */
    public <V> TreePMap<ByteString, V> of(TreePMap<ByteString, V> map) {
        if (isSingle()) {
            return map.subMap(key, true, key, true);
        }
        if (isOpen()) {
            return map.tailMap(key, true);
        }
        return isEmpty() ? TreePMap.empty(map.comparator()) : map.subMap(key, true, end, false);
    }
}

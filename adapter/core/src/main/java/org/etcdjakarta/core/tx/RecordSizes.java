package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;

/** Upper bounds of what the protocol's records take, in bytes, so that sizes can be added up before there is a record. */
final class RecordSizes {

    /** Version, kind, times, ids of node, link and branch, counts: of a prepare record or of intents. */
    static final int HEADER = 500;

    /** Length and kind of one key. */
    private static final int KEY = 10;

    private RecordSizes() {}

    static long key(ByteString key) {
        return (long) KEY + key.size();
    }

    static long range(KeyRange range) {
        ByteString end = range.to();
        return key(range.from()) + (end == null ? KEY : key(end));
    }
}

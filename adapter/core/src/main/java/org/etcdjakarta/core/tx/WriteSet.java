package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction is going to write: the last write of each key. Like {@link Guards} it carries its sizes along, and takes
 * back what was not kept yet.
 *
 * <p>Not thread-safe: the workspace's lock guards it.
 */
final class WriteSet {

    /** Bytes of the operations, of their names, and of the keys in the record of a branch's intents. */
    record Bytes(long operations, long names, long intents) {

        private static final Bytes NONE = new Bytes(0, 0, 0);

        private static Bytes of(ByteString key, @Nullable Write write) {
            if (write == null) {
                return NONE;
            }
            var operation = Changes.operation(key, write);
            return new Bytes(
                    MessageSizes.field(operation),
                    MessageSizes.field(TxnComposer.name(operation)),
                    RecordSizes.key(key));
        }

        private Bytes plus(Bytes other) {
            return new Bytes(operations + other.operations, names + other.names, intents + other.intents);
        }

        private Bytes minus(Bytes other) {
            return new Bytes(operations - other.operations, names - other.names, intents - other.intents);
        }
    }

    private final NavigableMap<ByteString, Write> writes = new TreeMap<>(KeyRange.ORDER);
    private final Undo undo = new Undo();
    private Bytes bytes = Bytes.NONE;

    void put(ByteString key, Write write) {
        replace(key, write);
    }

    /** The key is left as it is. */
    void remove(ByteString key) {
        replace(key, null);
    }

    private void replace(ByteString key, @Nullable Write write) {
        Write before = set(key, write);
        Bytes bytesBefore = bytes;
        bytes = bytes.minus(Bytes.of(key, before)).plus(Bytes.of(key, write));
        undo.add(() -> {
            set(key, before);
            bytes = bytesBefore;
        });
    }

    private @Nullable Write set(ByteString key, @Nullable Write write) {
        return write == null ? writes.remove(key) : writes.put(key, write);
    }

    @Nullable
    Write get(ByteString key) {
        return writes.get(key);
    }

    NavigableMap<ByteString, Write> within(KeyRange range) {
        if (range.isEmpty()) {
            return new TreeMap<>(KeyRange.ORDER);
        }
        return range.to() == null
                ? writes.tailMap(range.from(), true)
                : writes.subMap(range.from(), true, range.to(), false);
    }

    NavigableMap<ByteString, Write> all() {
        return Collections.unmodifiableNavigableMap(writes);
    }

    int size() {
        return writes.size();
    }

    Bytes bytes() {
        return bytes;
    }

    /** Takes back what was done since it was last kept. */
    void undo() {
        undo.run();
    }

    void keep() {
        undo.forget();
    }
}

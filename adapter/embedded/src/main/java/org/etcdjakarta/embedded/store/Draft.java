package org.etcdjakarta.embedded.store;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** The next revision while it is being written. It sees its own changes; nobody else does until it is committed. */
public final class Draft {

    private final Keyspace before;
    private final List<Event> events = new ArrayList<>();
    private TreePMap<ByteString, KeyValue> keys;

    Draft(Keyspace before) {
        this.before = before;
        this.keys = before.current().keys();
    }

    /** What was when this draft began; reads at an explicit revision go there. */
    public Keyspace before() {
        return before;
    }

    /** The revision that a header names now: the next one as soon as something was changed. */
    public long revision() {
        return before.current().number() + (events.isEmpty() ? 0 : 1);
    }

    public TreePMap<ByteString, KeyValue> keys() {
        return keys;
    }

    public @Nullable KeyValue get(ByteString key) {
        return keys.get(key);
    }

    /** Returns what was there before. */
    public @Nullable KeyValue put(ByteString key, ByteString value, long lease) {
        KeyValue old = keys.get(key);
        long next = before.current().number() + 1;
        KeyValue kv = KeyValue.newBuilder()
                .setKey(key)
                .setValue(value)
                .setLease(lease)
                .setModRevision(next)
                .setCreateRevision(old == null ? next : old.getCreateRevision())
                .setVersion(old == null ? 1 : old.getVersion() + 1)
                .build();
        keys = keys.plus(key, kv);
        // What was deleted in this very revision is created anew, and has no previous value for a watch.
        events.add(event(Event.EventType.PUT, kv, old == null ? null : committed(key)));
        return old;
    }

    /** Returns what was deleted, in the order of the keys. */
    public List<KeyValue> delete(KeyRange range) {
        List<KeyValue> found = List.copyOf(range.of(keys).values());
        found.forEach(kv -> delete(kv));
        return found;
    }

    /** Deletes those that still are there. */
    void delete(Collection<ByteString> doomed) {
        for (ByteString key : doomed) {
            KeyValue kv = keys.get(key);
            if (kv != null) {
                delete(kv);
            }
        }
    }

    private void delete(KeyValue kv) {
        keys = keys.minus(kv.getKey());
        KeyValue tombstone = KeyValue.newBuilder()
                .setKey(kv.getKey())
                .setModRevision(before.current().number() + 1)
                .build();
        events.add(event(Event.EventType.DELETE, tombstone, committed(kv.getKey())));
    }

    /** A watch sees revisions, not what was between: the previous value is the previous revision's. */
    private @Nullable KeyValue committed(ByteString key) {
        return before.current().keys().get(key);
    }

    private static Event event(Event.EventType type, KeyValue kv, @Nullable KeyValue old) {
        Event.Builder event = Event.newBuilder().setType(type).setKv(kv);
        return (old == null ? event : event.setPrevKv(old)).build();
    }

    /** Null when nothing was changed: then etcd's revision stays. */
    @Nullable
    Revision finish() {
        return events.isEmpty() ? null : new Revision(revision(), keys, List.copyOf(events));
    }
}

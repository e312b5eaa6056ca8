package org.etcdjakarta.embedded.store;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import java.util.List;
import org.pcollections.TreePMap;

/**
 * The whole key space as one revision left it, and what that revision changed. Revisions share the structure of what they have
 * in common, so that keeping all of them until a compaction costs a few tree nodes each.
 *
 * @param keys in the order of their unsigned bytes
 * @param events in the order in which they were applied, each with its previous value
 */
public record Revision(long number, TreePMap<ByteString, KeyValue> keys, List<Event> events) {

    /** What a compaction at this revision leaves of it: the values before belong to a revision that is gone. */
    Revision withoutPrevious() {
        return new Revision(
                number,
                keys,
                events.stream()
                        .map(event -> event.toBuilder().clearPrevKv().build())
                        .toList());
    }
}

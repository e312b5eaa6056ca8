package org.etcdjakarta.core.watch;

import io.etcd.jetcd.watch.WatchEvent;
import java.util.List;

/** All events of one revision that a watch sees, in etcd's order. */
public record RevisionBatch(long revision, List<WatchEvent> events) {

    public RevisionBatch {
        events = List.copyOf(events);
    }
}

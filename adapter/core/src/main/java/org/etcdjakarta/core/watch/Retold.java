package org.etcdjakarta.core.watch;

import io.etcd.jetcd.api.Event;
import java.util.List;

/**
 * Whether a stream goes on in the history that was told. It begins one revision before the {@link ResumePoint}, and so with the last
 * one that was told, if that was one of events: what it tells of it must be the same. Where it is not, a backup was restored, and has
 * grown past what was told before the watch was back; its revision alone gives nothing away.
 *
 * <p>Only puts count: a compaction at that very revision keeps them and drops the deletes. The previous values do not count,
 * because a compaction forgets them. Belongs to the steps of one watch.
 */
final class Retold {

    private long last;
    private int lastPuts;

    /** The revision that the present stream has to begin with; 0 when it has shown it, or none is known. */
    private long awaited;

    /** All events of one revision have been told. */
    void told(long revision, List<Event> events) {
        last = revision;
        lastPuts = puts(events);
    }

    /** @param next what the stream is wanted for; it begins one revision earlier */
    void streamOpens(long next) {
        awaited = last > 0 && last == next - 1 && lastPuts != 0 ? last : 0;
    }

    /** Another history begins, and its state has been handed over. */
    void forget() {
        last = 0;
        awaited = 0;
    }

    /** The next events that the stream tells are of another history. */
    boolean contradictedBy(long revision, List<Event> events) {
        if (awaited == 0 || revision < awaited) {
            return false;
        }
        boolean same = revision == awaited && puts(events) == lastPuts;
        awaited = 0;
        return !same;
    }

    /** etcd says that everything up to a revision has been told, without what it would have had to begin with. */
    boolean contradictedByNotice(long revision) {
        return awaited > 0 && revision >= awaited;
    }

    /** 0 for none. */
    private static int puts(List<Event> events) {
        int hash = 0;
        for (Event event : events) {
            if (event.getType() == Event.EventType.PUT) {
                hash = 31 * hash + event.getKv().hashCode();
                hash = hash == 0 ? 1 : hash;
            }
        }
        return hash;
    }
}

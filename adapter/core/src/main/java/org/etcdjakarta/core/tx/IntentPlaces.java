package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The keys at which the branches of one link put their intents: as many as there have been prepared branches at once, used again
 * and again. A key for each branch would stay in etcd's index until the next compaction, and every write's guard, a compare of
 * the whole range, would pass over all of them: after 100,000 branches for some milliseconds, in the one thread that applies.
 */
final class IntentPlaces {

    private final String prefix;
    private final Deque<ByteString> free = new ArrayDeque<>();
    private int places;

    /** @param prefix of this link's; nobody else uses it, ever */
    IntentPlaces(String prefix) {
        this.prefix = prefix;
    }

    /** A key that is nobody else's until it is given back. */
    synchronized ByteString take() {
        ByteString place = free.pollFirst();
        return place == null ? ByteString.copyFromUtf8(prefix + ++places) : place;
    }

    /** Only when it is certain that nothing of its user is in etcd, or will be. Another link's is that link's. */
    synchronized void giveBack(ByteString place) {
        if (place.startsWith(ByteString.copyFromUtf8(prefix))) {
            free.addFirst(place);
        }
    }
}

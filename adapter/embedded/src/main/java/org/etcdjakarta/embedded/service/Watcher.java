package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchCreateRequest.FilterType;
import java.util.List;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Revision;

/** One watch of a stream: what it asked for, and what of a revision it is shown. */
final class Watcher {

    /** etcd's fields that jetcd's protocol classes lack. */
    private static final int WATCH_ID_FIELD = 7;

    private static final int FRAGMENT_FIELD = 8;

    private static final ByteString FIRST_KEY = ByteString.copyFrom(new byte[1]);

    private final KeyRange range;
    private final WatchCreateRequest request;

    Watcher(WatchCreateRequest request) {
        this.request = request;
        this.range = range(request);
    }

    private static KeyRange range(WatchCreateRequest request) {
        // No key stands for the first one there can be.
        return new KeyRange(request.getKey().isEmpty() ? FIRST_KEY : request.getKey(), request.getRangeEnd());
    }

    /** Such a range could never contain a key. */
    static boolean isEmptyRange(WatchCreateRequest request) {
        return range(request).isEmpty();
    }

    /** The id its client chose; 0 for one of the server's choice. */
    static long chosenId(WatchCreateRequest request) {
        return last(request, WATCH_ID_FIELD);
    }

    KeyRange range() {
        return range;
    }

    boolean takesFragments() {
        return last(request, FRAGMENT_FIELD) != 0;
    }

    private static long last(WatchCreateRequest request, int field) {
        List<Long> sent = request.getUnknownFields().getField(field).getVarintList();
        return sent.isEmpty() ? 0 : sent.get(sent.size() - 1);
    }

    /** Nothing before the start, which may lie in the future. */
    List<Event> events(Revision revision) {
        if (revision.number() < request.getStartRevision()) {
            return List.of();
        }
        return revision.events().stream()
                .filter(event -> range.contains(event.getKv().getKey()))
                .filter(event -> !filtered(event))
                .map(event -> request.getPrevKv()
                        ? event
                        : event.toBuilder().clearPrevKv().build())
                .toList();
    }

    private boolean filtered(Event event) {
        return request.getFiltersList()
                .contains(event.getType() == Event.EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE);
    }
}

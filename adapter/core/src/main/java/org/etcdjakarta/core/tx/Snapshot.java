package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Reads at one revision. The first read is linearizable, and its header's revision R0 is that revision; later ones are plain
 * ranges at R0. They stay linearizable too: a serializable one may meet a member that has not reached R0 yet. What has been
 * read once is not asked for again.
 *
 * <p>Not thread-safe: the workspace's lock guards it.
 */
final class Snapshot {

    /**
     * The first or last keys of a range at R0.
     *
     * @param keys in key order
     * @param count all keys of the range
     * @param values false when the keys came without their values
     */
    record Window(KeyRange range, List<KeyValue> keys, long count, boolean values, boolean descending) {

        boolean complete() {
            return keys.size() == count;
        }

        /** Of one that {@linkplain #tells tells} it. Many keys may be read one by one out of a large one, so they are not looked through for each. */
        Window part(KeyRange part) {
            ByteString to = part.to();
            int end = to == null ? keys.size() : indexOf(to);
            List<KeyValue> found = keys.subList(indexOf(part.from()), end);
            return new Window(part, found, found.size(), values, false);
        }

        /** Of the first key that is not before the one given. */
        private int indexOf(ByteString key) {
            int low = 0;
            int high = keys.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (KeyRange.ORDER.compare(keys.get(middle).getKey(), key) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        /** True when the window says whether the key exists. */
        boolean covers(ByteString key) {
            if (complete()) {
                return true;
            }
            if (keys.isEmpty()) {
                return false;
            }
            return descending
                    ? KeyRange.ORDER.compare(key, keys.get(0).getKey()) >= 0
                    : KeyRange.ORDER.compare(key, keys.get(keys.size() - 1).getKey()) <= 0;
        }

        /** True when the window says all about the range, which may be one key of the few that were fetched. */
        boolean tells(KeyRange asked) {
            return range.contains(asked) && (complete() || (asked.isSingle() && covers(asked.from())));
        }
    }

    /** Windows by their first keys, none within another: the last one that begins no later than a range reaches farthest. */
    private static final class Windows {

        private final TreeMap<ByteString, Window> windows = new TreeMap<>(KeyRange.ORDER);

        void add(Window window) {
            Map.Entry<ByteString, Window> next =
                    windows.ceilingEntry(window.range().from());
            while (next != null && window.range().contains(next.getValue().range())) {
                windows.remove(next.getKey());
                next = windows.ceilingEntry(window.range().from());
            }
            windows.put(window.range().from(), window);
        }

        @Nullable
        Window covering(KeyRange range) {
            Map.Entry<ByteString, Window> known = windows.floorEntry(range.from());
            return known != null && known.getValue().range().contains(range) ? known.getValue() : null;
        }
    }

    private record Question(KeyRange range, long limit, boolean descending, boolean values) {}

    private final KvProtocol kv;
    private final Map<ByteString, Window> singles = new HashMap<>();
    private final Map<Question, Window> ranges = new HashMap<>();
    private final Windows complete = new Windows();
    private final Windows completeKeys = new Windows();
    /** Of ranges that were read in part only. */
    private final List<Window> parts = new ArrayList<>();

    private @Nullable ResponseHeader pinned;
    private boolean lost;

    Snapshot(KvProtocol kv) {
        this.kv = kv;
    }

    /** R0, or 0 before the first read. */
    long revision() {
        return pinned == null ? 0 : pinned.getRevision();
    }

    /** True once a read has found R0 compacted away: nothing can be read at it any more. */
    boolean isLost() {
        return lost;
    }

    /** The header of every answer: that of the read that pinned R0, or an empty one before it. */
    ResponseHeader header() {
        return pinned == null ? ResponseHeader.getDefaultInstance() : pinned;
    }

    /** The key at R0, or null. */
    @Nullable
    KeyValue key(ByteString key) {
        List<KeyValue> found = window(KeyRange.single(key), 0, false, true).keys();
        return found.isEmpty() ? null : found.get(0);
    }

    /** Whether the key exists at R0. */
    boolean exists(ByteString key) {
        return modRevision(key) != 0;
    }

    /** The key's mod revision at R0, 0 when it is absent. */
    long modRevision(ByteString key) {
        List<KeyValue> found = window(KeyRange.single(key), 0, false, false).keys();
        return found.isEmpty() ? 0 : found.get(0).getModRevision();
    }

    /**
     * @param limit how many keys from the range's start, or from its end when descending; 0 for all
     * @param values false when the values are of no interest
     */
    Window window(KeyRange range, long limit, boolean descending, boolean values) {
        if (range.isEmpty()) {
            pin(range.from());
            return new Window(range, List.of(), 0, true, false);
        }
        Question question = new Question(range, limit, descending, values);
        Window known = known(question);
        if (known != null) {
            return known;
        }
        Window fetched = fetch(question);
        if (range.isSingle()) {
            singles.put(range.from(), fetched);
        } else {
            ranges.put(question, fetched);
            if (fetched.complete()) {
                (fetched.values() ? complete : completeKeys).add(fetched);
            } else {
                parts.add(fetched);
            }
        }
        return fetched;
    }

    private @Nullable Window known(Question question) {
        if (question.range().isSingle()) {
            Window single = singles.get(question.range().from());
            if (single != null && (single.values() || !question.values())) {
                return single;
            }
        }
        Window same = ranges.get(question);
        if (same != null) {
            return same;
        }
        Window larger = complete.covering(question.range());
        if (larger == null && !question.values()) {
            larger = completeKeys.covering(question.range());
        }
        if (larger == null && question.range().isSingle()) {
            larger = parts.stream()
                    .filter(part -> part.tells(question.range()) && (part.values() || !question.values()))
                    .findFirst()
                    .orElse(null);
        }
        return larger == null ? null : larger.part(question.range());
    }

    private void pin(ByteString key) {
        if (pinned == null) {
            fetch(new Question(KeyRange.single(key), 0, false, false));
        }
    }

    private Window fetch(Question question) {
        RangeRequest.Builder request = question.range()
                .request()
                .setLimit(question.limit())
                .setKeysOnly(!question.values())
                .setRevision(revision());
        if (question.descending()) {
            request.setSortOrder(SortOrder.DESCEND);
        }
        RangeResponse response;
        try {
            response = Await.answer(kv.range(request.build()));
        } catch (EtcdException e) {
            lost |= TxErrors.isCompacted(e);
            throw e;
        }
        if (pinned == null) {
            pinned = response.getHeader();
        }
        List<KeyValue> keys = new ArrayList<>(response.getKvsList());
        if (question.descending()) {
            Collections.reverse(keys);
        }
        return new Window(question.range(), keys, response.getCount(), question.values(), question.descending());
    }
}

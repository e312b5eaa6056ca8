package org.etcdjakarta.core.watch;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.OptionsUtil;
import org.jspecify.annotations.Nullable;

/**
 * What to watch, in the application's keys (without namespace).
 *
 * @param key the key, or the first key of a range
 * @param rangeEnd end of the range, exclusive; null for one key
 * @param startRevision first revision to deliver; 0 for "from now"
 * @param prevKv deliver the values before
 * @param puts deliver puts
 * @param deletes deliver deletes
 */
public record WatchSpec(
        ByteSequence key,
        @Nullable ByteSequence rangeEnd,
        long startRevision,
        boolean prevKv,
        boolean puts,
        boolean deletes) {

    public static WatchSpec key(ByteSequence key) {
        return new WatchSpec(key, null, 0, false, true, true);
    }

    public static WatchSpec prefix(ByteSequence prefix) {
        return new WatchSpec(prefix, OptionsUtil.prefixEndOf(prefix), 0, false, true, true);
    }

    public WatchSpec from(long revision) {
        return new WatchSpec(key, rangeEnd, revision, prevKv, puts, deletes);
    }

    public WatchSpec withPrevKv() {
        return new WatchSpec(key, rangeEnd, startRevision, true, puts, deletes);
    }

    public WatchSpec only(boolean deliverPuts, boolean deliverDeletes) {
        return new WatchSpec(key, rangeEnd, startRevision, prevKv, deliverPuts, deliverDeletes);
    }
}

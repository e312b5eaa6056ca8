package org.etcdjakarta;

import io.etcd.jetcd.KeyValue;
import java.util.List;

/**
 * A hole in a watch: events between {@code firstLost} and {@code revision} cannot be had any more. Carries the complete
 * state at {@code revision}, so that a consumer can start anew from it; the watch goes on behind that revision.
 *
 * @param reason why the events are lost
 * @param keyOrPrefix what is watched
 * @param firstLost first revision whose events are lost
 * @param revision revision of {@code state}; the next event has a greater one
 * @param state every watched key at {@code revision}; unmodifiable
 */
public record EtcdGap(Reason reason, String keyOrPrefix, long firstLost, long revision, List<KeyValue> state) {

    /**
     * Takes a copy of the state.
     *
     * @param reason why the events are lost
     * @param keyOrPrefix what is watched
     * @param firstLost first revision whose events are lost
     * @param revision revision of the state
     * @param state every watched key
     */
    public EtcdGap {
        state = List.copyOf(state);
    }

    /** Why events are lost. */
    public enum Reason {
        /** The history was compacted before the watch could read it. */
        COMPACTED,
        /** The cluster's revision is below one seen before, or its history is not the one that was told: a backup was restored. */
        REVISION_WENT_BACK,
        /** Another cluster answers at the same endpoints. */
        CLUSTER_CHANGED
    }
}

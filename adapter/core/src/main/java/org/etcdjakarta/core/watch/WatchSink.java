package org.etcdjakarta.core.watch;

import io.etcd.jetcd.api.WatchResponse;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;

/** What a resuming watch tells, one call at a time. */
interface WatchSink {

    /** True when a start revision beyond the cluster's means a restored backup; false when it is a wish for the future. */
    boolean startIsPast();

    /** Once, first. Events after this revision will come. */
    void created(WatchResponse response, long revision);

    /** All events of one revision. */
    void batch(WatchResponse oneRevision, long revision);

    /** No events up to this header's revision; only when asked for. */
    void progress(WatchResponse response);

    /**
     * Events are lost.
     *
     * @param compactRevision as etcd reported it, else 0
     * @return true to read the complete state, get it by {@link #gap} and go on; false to end the watch
     */
    boolean lost(Reason reason, long compactRevision);

    void gap(EtcdGap gap);

    /** Nothing follows. */
    void failed(EtcdException failure);
}

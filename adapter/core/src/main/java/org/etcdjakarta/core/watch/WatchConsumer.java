package org.etcdjakarta.core.watch;

import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;

/** What a watch delivers to. Calls come one at a time, in revision order, on the executor given at subscription. */
public interface WatchConsumer {

    /** The watch stands at the server; events after this revision will come. Called once, before anything else. */
    default void onCreated(long revision) {}

    void onBatch(RevisionBatch batch);

    /**
     * Everything up to this revision has been delivered. etcd says so now and then of a watch that is quiet (every 10 minutes, or as
     * its {@code --experimental-watch-progress-notify-interval} says).
     */
    default void onProgress(long revision) {}

    /** Events are lost for good; carries the complete state. Delivery goes on behind it. */
    void onGap(EtcdGap gap);

    /** The watch has ended for good (no permission, bad request); nothing follows. */
    void onFailure(EtcdException failure);
}

package org.etcdjakarta.core.watch;

import java.util.concurrent.Executor;

/** All watches of a link. */
public interface WatchHub {

    /** Starts a watch that goes on when its consumer throws; does not wait for etcd. */
    default Subscription subscribe(WatchSpec spec, WatchConsumer consumer, Executor executor) {
        return subscribe(spec, consumer, executor, OnThrow.GO_ON);
    }

    /** Starts a watch; does not wait for etcd. */
    Subscription subscribe(WatchSpec spec, WatchConsumer consumer, Executor executor, OnThrow onThrow);

    /** A running watch. */
    interface Subscription extends AutoCloseable {

        boolean isClosed();

        /** Asks the server to say how far it has come. Nothing when the watch is just being resumed. */
        default void requestProgress() {}

        /** No callback starts after this returns; one that is running is waited for, except when called from inside it. */
        @Override
        void close();
    }
}

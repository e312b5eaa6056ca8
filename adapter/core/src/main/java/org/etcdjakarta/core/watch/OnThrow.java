package org.etcdjakarta.core.watch;

/** What becomes of a watch whose consumer throws. It is logged in any case. */
public enum OnThrow {
    /** The consumer gets what follows. */
    GO_ON,
    /** The watch is closed: nothing follows, not even {@link WatchConsumer#onFailure}. */
    STOP
}

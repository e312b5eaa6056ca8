package org.etcdjakarta.core.range;

import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;

/** The messages of pages, ETCD-0014x. */
public final class PageErrors {

    private PageErrors() {}

    public static EtcdException transactionEnded(long revision) {
        return new EtcdException(
                "ETCD-00140",
                "the pages were begun in a transaction, at its revision " + revision
                        + ", and are read on outside of it; nothing has been read. Begin new ones",
                Effect.NONE,
                "",
                null);
    }

    static EtcdException interrupted(InterruptedException cause) {
        return new EtcdException(
                "ETCD-00141",
                "the thread was interrupted while it waited for a page; the page has not been read",
                Effect.NONE,
                "",
                cause);
    }
}

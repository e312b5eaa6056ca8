package org.etcdjakarta.itests.embedded;

/** What both servers have said about themselves, so that requests can be made around it. */
final class Known {

    private long revision = 1;
    private long compacted = -1;

    long revision() {
        return revision;
    }

    /** -1 before the first compaction, as etcd counts. */
    long compacted() {
        return compacted;
    }

    void reached(long current) {
        revision = Math.max(revision, current);
    }

    void compactedAt(long at) {
        compacted = at;
    }
}

package org.etcdjakarta.core.watch;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.ResponseHeader;
import java.util.List;

/**
 * Where a watch goes on when its stream breaks: behind the last revision that was <em>delivered</em>. Belongs to the steps of one
 * watch.
 *
 * <p>The header of a re-opened watch carries the store's revision, not the watch's, and moves nothing (that is how jetcd loses
 * events). Only the very first header of a watch from "now" says where it begins; else a quiet watch would begin at another
 * "now" after each break.
 */
final class ResumePoint {

    /** What the header of a watch that has just been created says of the past. */
    enum Past {
        SAME,
        /** This member knows less than what was delivered: it lags behind, or a backup was restored. */
        OLDER,
        ANOTHER_CLUSTER
    }

    private final Retold retold = new Retold();
    private final boolean startIsPast;
    private long next;

    /** The highest revision that is known to exist; what is wanted may lie far beyond it. */
    private long known;

    private long streamStart;
    private long clusterId;
    private boolean stood;

    /**
     * @param start the first revision wanted; 0 for what comes from now on
     * @param startIsPast a start beyond the store's revision is a restored backup and no wish for the future
     */
    ResumePoint(long start, boolean startIsPast) {
        next = start;
        this.startIsPast = startIsPast;
        known = startIsPast ? Math.max(0, start - 1) : 0;
    }

    /** The first revision that has not been delivered; 0 for "from now", until the watch stands. */
    long next() {
        return next;
    }

    long known() {
        return known;
    }

    /** A new stream: what lies before the resume point has been delivered already. */
    void streamOpens() {
        streamStart = next;
        retold.streamOpens(next);
    }

    /**
     * What to ask etcd for: one revision earlier than what is wanted. A compaction at a revision drops the deletes of that revision
     * itself, and etcd takes a watch from there all the same: it would not tell them, and not that it does not. From one
     * revision earlier it is refused as compacted. What is told twice is left out, and shows whether the history is the same
     * ({@link Retold}). A start that an application of jetcd asks for is taken as it is.
     */
    long startRevision() {
        return next > 1 && hasPast() ? next - 1 : next;
    }

    private boolean hasPast() {
        return stood || startIsPast;
    }

    Past judge(ResponseHeader created) {
        if (clusterId != 0 && created.getClusterId() != clusterId) {
            return Past.ANOTHER_CLUSTER;
        }
        return created.getRevision() < known ? Past.OLDER : Past.SAME;
    }

    /** The watch stands at the server. True the first time. */
    boolean stands(ResponseHeader created) {
        clusterId = created.getClusterId();
        if (next == 0) {
            known = created.getRevision();
            next = known + 1;
            streamStart = next;
        }
        boolean first = !stood;
        stood = true;
        return first;
    }

    /** False for what an earlier stream has delivered. */
    boolean isNew(long revision) {
        return revision >= streamStart;
    }

    /** The events of one revision that the stream tells are of another history than what was delivered. */
    boolean contradictedBy(long revision, List<Event> events) {
        return retold.contradictedBy(revision, events);
    }

    /** So is etcd's notice that there is nothing more up to a revision. */
    boolean contradictedByNotice(long revision) {
        return retold.contradictedByNotice(revision);
    }

    void delivered(long revision, List<Event> events) {
        passed(revision);
        retold.told(revision, events);
    }

    /** Nothing happened up to this revision. */
    void passed(long revision) {
        known = Math.max(known, revision);
        next = Math.max(next, revision + 1);
    }

    /** The state at a revision was handed over in place of what is lost before it. */
    void restored(long revision, long cluster) {
        known = revision;
        next = revision + 1;
        clusterId = cluster;
        retold.forget();
    }
}

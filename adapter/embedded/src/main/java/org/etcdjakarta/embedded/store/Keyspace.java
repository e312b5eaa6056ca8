package org.etcdjakarta.embedded.store;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.List;
import org.pcollections.TreePMap;

/** All revisions that can still be read: immutable, so a reader needs no lock and a restart keeps data by keeping this object. */
public final class Keyspace {

    /** As etcd's: a new cluster is at revision 1, without keys. */
    static final Keyspace EMPTY = new Keyspace(
            -1,
            TreePMap.<Long, Revision>empty()
                    .plus(
                            1L,
                            new Revision(
                                    1, TreePMap.empty(ByteString.unsignedLexicographicalComparator()), List.of())));

    private final long compacted;
    private final TreePMap<Long, Revision> revisions;

    private Keyspace(long compacted, TreePMap<Long, Revision> revisions) {
        this.compacted = compacted;
        this.revisions = revisions;
    }

    /** The revision up to which the history is gone; it can still be read itself. -1 when nothing was compacted, as etcd counts. */
    public long compacted() {
        return compacted;
    }

    public Revision current() {
        return revisions.lastEntry().getValue();
    }

    /** The revision to read at; 0 or less stands for the current one. Refuses what is compacted or has not come yet. */
    public Revision at(long number) {
        if (number <= 0) {
            return current();
        }
        Revision revision = revisions.get(number);
        if (revision != null) {
            return revision;
        }
        throw number < compacted ? EtcdStatus.compacted() : EtcdStatus.futureRevision();
    }

    /** Refuses what a Txn may not read: as {@link #at}, but a negative number is a revision that is long gone. */
    public void check(long number) {
        if (number != 0 && number < compacted) {
            throw EtcdStatus.compacted();
        }
        if (number > current().number()) {
            throw EtcdStatus.futureRevision();
        }
    }

    /** From this revision on, the oldest first. Previous values that the compaction took are missing in the first of them. */
    public Collection<Revision> since(long number) {
        return revisions.tailMap(number, true).values();
    }

    Keyspace plus(Revision next) {
        return new Keyspace(compacted, revisions.plus(next.number(), next));
    }

    Keyspace compact(long number) {
        if (number <= compacted) {
            throw EtcdStatus.compacted();
        }
        if (number > current().number()) {
            throw EtcdStatus.futureRevision();
        }
        TreePMap<Long, Revision> kept = revisions.tailMap(number, true);
        // Revision 0 can be compacted once, though it never was.
        Revision first = kept.get(number);
        return new Keyspace(number, first == null ? kept : kept.plus(number, first.withoutPrevious()));
    }
}

package org.etcdjakarta.core.recipe;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.op.Cmp;
import java.util.function.BooleanSupplier;
import org.etcdjakarta.EtcdCompare;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.fence.Fences.Fence;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/** One time of leading, from the election to its loss; it never comes back. */
public final class Leadership {

    private final EtcdLinkConfig link;
    private final Place place;
    private final ByteSequence key;
    private final BooleanSupplier lostByTheClock;
    private volatile boolean over;

    Leadership(EtcdLinkConfig link, Place place, ByteSequence key, BooleanSupplier lostByTheClock) {
        this.link = link;
        this.place = place;
        this.key = key;
        this.lostByTheClock = lostByTheClock;
    }

    /** The create revision of the key that stands for it: greater for each later leader. */
    public long token() {
        return place.token();
    }

    /** The key that stands for it, without the namespace. */
    public ByteSequence key() {
        return key;
    }

    /** True until it is resigned or lost, by this machine's clock: before etcd can give it to somebody else. Does not block. */
    public boolean isHeld() {
        return !over && !lostByTheClock.getAsBoolean();
    }

    /** Holds as long as this leadership lasts at etcd: for the {@code If} of one's own Txn. */
    public EtcdCompare ownership() {
        return EtcdCompare.createRevision(key, Cmp.Op.EQUAL, token());
    }

    /**
     * Puts the current thread under this leadership: its transactions commit only if it is not lost by then.
     *
     * <pre>{@code
     * Fence fence = leadership.fence();
     * try { … } finally { fence.close(); }
     * }</pre>
     *
     * @return to be closed by the same thread
     */
    public Fence fence() {
        return Fences.putUp(link, Requests.created(place.key(), token()));
    }

    Place place() {
        return place;
    }

    void end() {
        over = true;
    }

    @Override
    public String toString() {
        return "leadership " + key + ", token " + token() + (isHeld() ? "" : ", over");
    }
}

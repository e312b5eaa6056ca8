package org.etcdjakarta.core.fence;

import io.etcd.jetcd.api.Compare;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.jspecify.annotations.Nullable;

/**
 * The fences of each thread: one for every lock that it has taken and for every leadership that it works under. A write that carries
 * their compares is applied only if all of these are still its own at that revision; so who has lost a lock without
 * noticing, because the process or the network stood still, cannot write any more.
 *
 * <p>A lost lock keeps its fence until the thread unlocks: that is the case which the fence is for.
 */
public final class Fences {

    private static final ThreadLocal<@Nullable List<Fence>> HELD = new ThreadLocal<>();

    /** Ownership of a key of one cluster, of the thread that has put it up, until it takes it down. */
    public static final class Fence implements AutoCloseable {

        private final Set<String> endpoints;
        private final Compare ownership;
        private volatile boolean down;

        private Fence(EtcdLinkConfig link, Compare ownership) {
            this.endpoints = cluster(link);
            this.ownership = ownership;
        }

        /**
         * Takes it down; nothing when it is already.
         *
         * @throws IllegalStateException on another thread than the one that has put it up
         */
        @Override
        public void close() {
            List<Fence> held = HELD.get();
            if (held == null || !held.remove(this)) {
                if (!down) {
                    throw new IllegalStateException("a fence is taken down by the thread that has put it up");
                }
                return;
            }
            down = true;
            if (held.isEmpty()) {
                // Threads of a pool outlive this class.
                HELD.remove();
            }
        }
    }

    private Fences() {}

    /**
     * Puts up a fence on the current thread.
     *
     * @param link of the recipe
     * @param ownership with the physical key
     */
    public static Fence putUp(EtcdLinkConfig link, Compare ownership) {
        List<Fence> held = HELD.get();
        if (held == null) {
            held = new ArrayList<>(2);
            HELD.set(held);
        }
        Fence fence = new Fence(link, ownership);
        held.add(fence);
        return fence;
    }

    /**
     * What a write of the current thread to this link's cluster has to be compared with; does not block. Links with the same
     * endpoints lead to one cluster, whatever their namespaces and time limits are; a user who may not read the key of a lock that he
     * holds is refused by etcd.
     *
     * @param link of the write
     * @return compares on physical keys; empty when nothing is held
     */
    public static List<Compare> ofCurrentThread(EtcdLinkConfig link) {
        List<Fence> held = HELD.get();
        if (held == null) {
            return List.of();
        }
        Set<String> cluster = cluster(link);
        return held.stream()
                .filter(fence -> fence.endpoints.equals(cluster))
                .map(fence -> fence.ownership)
                .toList();
    }

    private static Set<String> cluster(EtcdLinkConfig link) {
        return Set.copyOf(link.endpoints());
    }
}

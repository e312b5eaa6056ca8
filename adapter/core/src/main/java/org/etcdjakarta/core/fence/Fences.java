package org.etcdjakarta.core.fence;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcd.jetcd.api.Compare;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.jspecify.annotations.Nullable;

/**
 * The fences of each thread: one for every lock that it has taken and for every leadership that it works under. A write that carries
 * their compares is applied only if all of these are still its own at that revision; so who has lost a lock without
 * noticing, because the process or the network stood still, cannot write any more.
 *
 * <p>A lost lock keeps its fence until the thread unlocks: that is the case which the fence is for.
 *
 * <p>What a thread keeps is of the JDK's types only. A thread of a pool that never unlocks keeps it for ever, and must not keep the
 * class loader of this class.
 */
public final class Fences {

    /** Endpoints and the bytes of a compare. */
    private static final ThreadLocal<@Nullable List<Map.Entry<Set<String>, byte[]>>> HELD = new ThreadLocal<>();

    /** Ownership of a key of one cluster, of the thread that has put it up, until it takes it down. */
    public static final class Fence implements AutoCloseable {

        private final Map.Entry<Set<String>, byte[]> entry;
        private volatile boolean down;

        private Fence(Map.Entry<Set<String>, byte[]> entry) {
            this.entry = entry;
        }

        /**
         * Takes it down; nothing when it is already.
         *
         * @throws IllegalStateException on another thread than the one that has put it up
         */
        @Override
        public void close() {
            List<Map.Entry<Set<String>, byte[]>> held = HELD.get();
            if (held == null || !held.removeIf(one -> one == entry)) {
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
        List<Map.Entry<Set<String>, byte[]>> held = HELD.get();
        if (held == null) {
            held = new ArrayList<>(2);
            HELD.set(held);
        }
        Map.Entry<Set<String>, byte[]> entry =
                new SimpleImmutableEntry<>(Set.copyOf(link.endpoints()), ownership.toByteArray());
        held.add(entry);
        return new Fence(entry);
    }

    /**
     * What a write of the current thread to this link's cluster has to be compared with; does not block. Links with an endpoint in
     * common lead to one cluster, whatever their other endpoints, namespaces and time limits are: one of them may know only some of the
     * members. (The cluster's id does not tell: etcd makes it from names and peer addresses, and two of default configuration have the
     * same.) A user who may not read the key of a lock that he holds is refused by etcd.
     *
     * @param link of the write
     * @return compares on physical keys; empty when nothing is held
     */
    public static List<Compare> ofCurrentThread(EtcdLinkConfig link) {
        List<Map.Entry<Set<String>, byte[]>> held = HELD.get();
        if (held == null) {
            return List.of();
        }
        List<String> endpoints = link.endpoints();
        List<Compare> compares = new ArrayList<>();
        for (Map.Entry<Set<String>, byte[]> entry : held) {
            if (endpoints.stream().anyMatch(entry.getKey()::contains)) {
                compares.add(parsed(entry.getValue()));
            }
        }
        return compares;
    }

    private static Compare parsed(byte[] compare) {
        try {
            return Compare.parseFrom(compare);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("bytes of this class", e);
        }
    }
}

package org.etcdjakarta.core.link;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which endpoints a link uses: those configured; once the cluster has been asked for its members, theirs; and both when none of
 * the members' can be reached from here (members announce what they were told to, often addresses of a network of their own).
 * Then it stays with both until the members change: with the same answer again it would only fail again.
 */
final class EndpointList {

    private final List<Endpoint> configured;
    private List<Endpoint> members = List.of();
    private boolean membersFailed;
    private Runnable listener = () -> {};

    EndpointList(List<Endpoint> configured) {
        this.configured = configured;
    }

    synchronized List<Endpoint> current() {
        if (members.isEmpty()) {
            return configured;
        }
        if (!membersFailed) {
            return members;
        }
        Set<Endpoint> both = new LinkedHashSet<>(members);
        both.addAll(configured);
        return List.copyOf(both);
    }

    /** Told, on the thread that makes the change, that {@link #current()} is another. A channel has one resolver at a time. */
    synchronized void onChange(Runnable toRun) {
        listener = toRun;
    }

    /** What the cluster says of itself, not empty. The order does not matter. */
    void use(List<Endpoint> found) {
        List<Endpoint> sorted = new ArrayList<>(found);
        sorted.sort((one, other) -> one.toString().compareTo(other.toString()));
        Runnable toRun;
        synchronized (this) {
            if (sorted.equals(members)) {
                return;
            }
            members = List.copyOf(sorted);
            membersFailed = false;
            toRun = listener;
        }
        toRun.run();
    }

    /** None of the current endpoints can be reached. */
    void allFailed() {
        Runnable toRun;
        synchronized (this) {
            if (members.isEmpty() || membersFailed) {
                return;
            }
            membersFailed = true;
            toRun = listener;
        }
        toRun.run();
    }
}

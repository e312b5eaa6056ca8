package org.etcdjakarta.core.tx;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException;

/**
 * Whether another live process has the node name of this one. Every link looks after it has put its own key, so of two that
 * start at the same moment at least one sees the other.
 *
 * <p>Whom it sees may be its own predecessor, which was killed a moment ago and whose key etcd has not ended yet. So it looks a
 * second time when that must be over, and only who is still there then is told of. Should the members of etcd elect a leader in
 * between, which gives every lease its whole time anew, a predecessor may be told of after all: it does no harm, and is seen
 * from the message, which names its host and start.
 */
final class NodeCheck {

    private static final System.Logger LOG = System.getLogger(NodeCheck.class.getName());

    private volatile Alive self;
    private final Supplier<Map<String, Alive>> alive;
    private final BiConsumer<Duration, Runnable> later;
    private final BiConsumer<String, Alive> tell;
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /**
     * @param alive asks etcd for all links, and waits for the answer
     * @param later runs a task after a pause
     * @param tell a link of another process with the same node name; each once
     */
    NodeCheck(
            Alive self,
            Supplier<Map<String, Alive>> alive,
            BiConsumer<Duration, Runnable> later,
            BiConsumer<String, Alive> tell) {
        this.self = self;
        this.alive = alive;
        this.later = later;
        this.tell = tell;
    }

    /** From now on this is what one's own key says. */
    void self(Alive now) {
        self = now;
    }

    /**
     * To be called when one's own key is there, each time that it was put: while it was not, others looked in vain.
     *
     * @param ttl as etcd has granted it here, and so to a predecessor of the same configuration
     */
    void look(Duration ttl) {
        look(ttl, Set.of());
    }

    /** @param before namesakes that were there long enough ago; empty at the first look */
    private void look(Duration ttl, Set<String> before) {
        if (ended) {
            return;
        }
        Duration wait = ttl.plus(ttl.dividedBy(4)).plusSeconds(1);
        Map<String, Alive> namesakes;
        try {
            namesakes = new HashMap<>(alive.get());
        } catch (EtcdException e) {
            LOG.log(Level.DEBUG, "the links that are alive could not be listed; it is tried again", e);
            later.accept(wait, () -> look(ttl, before));
            return;
        }
        namesakes.values().removeIf(other -> !other.node().equals(self.node()) || other.isSameProcessAs(self));
        if (!before.isEmpty()) {
            // Who has come in between looks for itself.
            namesakes.keySet().retainAll(before);
            namesakes.forEach(this::tellOnce);
        } else if (!namesakes.isEmpty()) {
            later.accept(wait, () -> look(ttl, namesakes.keySet()));
        }
    }

    private void tellOnce(String link, Alive other) {
        if (told.add(link)) {
            tell.accept(link, other);
        }
    }

    /** Nothing is looked for any more. */
    void end() {
        ended = true;
    }
}

package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.junit.jupiter.api.Test;

class NodeCheckTest {

    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Alive SELF = new Alive("node", "1", "here", 1);
    private static final Alive OTHER = new Alive("node", "1", "there", 1);

    private final Map<String, Alive> alive = new LinkedHashMap<>(Map.of("own", SELF));
    private final Queue<Runnable> later = new ArrayDeque<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private boolean down;
    private final NodeCheck check = new NodeCheck(
            SELF,
            this::list,
            (pause, task) -> {
                pauses.add(pause);
                later.add(task);
            },
            (link, other) -> told.add(link + ": " + other));

    private Map<String, Alive> list() {
        if (down) {
            throw new EtcdUnavailableException("ETCD-00000", "down", EtcdException.Effect.NOT_APPLIED, "", null);
        }
        return alive;
    }

    @Test
    void whoIsStillThereAfterItsTtlIsToldOfOnce() {
        alive.put("other", OTHER);
        check.look(TTL);
        assertThat(told).isEmpty();
        assertThat(pauses).singleElement().satisfies(pause -> assertThat(pause).isGreaterThan(TTL));
        later.remove().run();
        assertThat(told).containsExactly("other: " + OTHER);
        check.look(TTL);
        later.remove().run();
        assertThat(told).hasSize(1);
        assertThat(later).isEmpty();
    }

    @Test
    void aPredecessorIsGoneByThen() {
        alive.put("predecessor", OTHER);
        check.look(TTL);
        alive.remove("predecessor");
        later.remove().run();
        assertThat(told).isEmpty();
        assertThat(later).isEmpty();
    }

    @Test
    void whoHasComeMeanwhileLooksForItself() {
        alive.put("predecessor", OTHER);
        check.look(TTL);
        alive.remove("predecessor");
        alive.put("newcomer", OTHER);
        later.remove().run();
        assertThat(told).isEmpty();
    }

    @Test
    void eachLinkIsToldOf() {
        alive.put("one", OTHER);
        check.look(TTL);
        later.remove().run();
        alive.put("two", new Alive("node", "7", "elsewhere", 1));
        check.look(TTL);
        later.remove().run();
        assertThat(told).hasSize(2).last().asString().contains("two").contains("elsewhere");
    }

    @Test
    void otherNodesAndOtherLinksOfThisProcessAreNotMinded() {
        alive.put("other node", new Alive("other", "1", "there", 1));
        alive.put("second link", SELF);
        alive.put("unreadable", Alive.UNREADABLE);
        check.look(TTL);
        assertThat(later).isEmpty();
    }

    @Test
    void whatCouldNotBeListedIsLookedAtAgain() {
        alive.put("other", OTHER);
        down = true;
        check.look(TTL);
        down = false;
        later.remove().run();
        down = true;
        later.remove().run();
        assertThat(told).isEmpty();
        down = false;
        later.remove().run();
        assertThat(told).hasSize(1);
        assertThat(later).isEmpty();
    }

    @Test
    void endsWithTheLink() {
        alive.put("other", OTHER);
        check.look(TTL);
        check.end();
        later.remove().run();
        assertThat(told).isEmpty();
        assertThat(later).isEmpty();
    }

    @Test
    void theMessageNamesBothAndSaysWhatToDo() {
        assertThat(BranchErrors.sameNode(SELF, OTHER, "link-2", "http://etcd:2379"))
                .startsWith("ETCD-00240")
                .contains(
                        "'node'",
                        "http://etcd:2379",
                        "process 1 on here, started 1970-01-01T00:00:00.001Z",
                        "process 1 on there",
                        "link-2",
                        "-Djboss.tx.node.id=UNIQUE",
                        "/subsystem=transactions:write-attribute(name=node-identifier,value=UNIQUE)",
                        "asadmin");
    }
}

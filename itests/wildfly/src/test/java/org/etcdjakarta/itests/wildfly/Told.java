package org.etcdjakarta.itests.wildfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.etcdjakarta.itests.support.Etcdctl;

/**
 * What was put below {@code /in/}, by etcd's own history, and what became of it, by the names that beans have left for each revision below
 * {@code /out/}. Every put has a key of its own, so the keys are the history.
 */
final class Told {

    private static final Pattern MOD_REVISION = Pattern.compile("\"mod_revision\":(\\d+)");

    private final Etcdctl witness;
    private int puts;

    Told(Etcdctl witness) {
        this.witness = witness;
    }

    /** Returns its revision. */
    long put(String value) {
        String key = String.format("/in/%06d", puts++);
        witness.put(key, value);
        return witness.modRevision(key);
    }

    void put(int number) {
        for (int i = 0; i < number; i++) {
            witness.put(String.format("/in/%06d", puts++), "taken");
        }
    }

    /** Puts all the time while something is done. Puts that etcd does not take are tried no more; those it took count, whatever it answered. */
    void putMeanwhile(Runnable action) {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<?> writing = writer.submit(() -> {
                while (!over.get()) {
                    String key = String.format("/in/%06d", puts++);
                    try {
                        witness.run("put", "--command-timeout=1s", "--", key, "taken");
                    } catch (IllegalStateException away) {
                        // looked up afterwards
                    }
                }
            });
            try {
                action.run();
            } finally {
                over.set(true);
                writing.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            writer.shutdownNow();
        }
    }

    /** All revisions so far. */
    SortedSet<Long> revisions() {
        SortedSet<Long> revisions = new TreeSet<>();
        MOD_REVISION
                .matcher(witness.run("get", "--prefix", "--keys-only", "--write-out=json", "/in/"))
                .results()
                .forEach(match -> revisions.add(Long.valueOf(match.group(1))));
        return revisions;
    }

    /** By revision, the servers on which a bean has taken it: one name for each time. */
    Map<Long, List<String>> taken(String bean) {
        Map<Long, List<String>> taken = new TreeMap<>();
        String prefix = "/out/" + bean + "/";
        List<String> lines = witness.run("get", "--prefix", prefix).lines().toList();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            taken.put(
                    Long.valueOf(lines.get(i).substring(prefix.length())),
                    List.of(lines.get(i + 1).split(" ")));
        }
        return taken;
    }

    /** What is not as "exactly once" says: revisions without a name or with several. */
    List<String> notOnce(String bean, SortedSet<Long> revisions) {
        Map<Long, List<String>> taken = taken(bean);
        List<String> wrong = new ArrayList<>();
        for (Long revision : revisions) {
            List<String> names = taken.getOrDefault(revision, List.of());
            if (names.size() != 1) {
                wrong.add(revision + " " + names);
            }
        }
        return wrong;
    }

    /** Waits until the last one has been taken, and finds each of them since a revision taken once. */
    void awaitOnce(String bean, long since, Duration most) {
        SortedSet<Long> revisions = revisions().tailSet(since);
        await(bean).atMost(most).pollInterval(Duration.ofMillis(100)).until(() -> taken(bean)
                .containsKey(revisions.last()));
        await(bean).atMost(most).untilAsserted(() -> assertThat(notOnce(bean, revisions))
                .isEmpty());
    }

    void awaitTaken(String bean, long revision, Duration most) {
        await(bean).atMost(most).pollInterval(Duration.ofMillis(100)).until(() -> taken(bean)
                .containsKey(revision));
    }
}

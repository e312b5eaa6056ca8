package org.etcdjakarta.itests.link;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.watch.WatchEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.jspecify.annotations.Nullable;

/**
 * What one watch was told, and whether it may have been told so: the validators of etcd's own robustness tests (Filter, Ordered,
 * Unique, Atomic, Reliable, Resumable, Bookmarkable, PrevKV, IsCreate), over batches and gaps.
 */
final class WatchHistory implements WatchConsumer {

    private final String prefix;
    private final WatchSpec spec;
    private final List<Object> told = new ArrayList<>();

    WatchHistory(String prefix, WatchSpec spec) {
        this.prefix = prefix;
        this.spec = spec;
    }

    WatchSpec spec() {
        return spec;
    }

    @Override
    public synchronized void onCreated(long revision) {
        told.add(revision);
    }

    @Override
    public synchronized void onBatch(RevisionBatch batch) {
        told.add(batch);
    }

    @Override
    public synchronized void onGap(EtcdGap gap) {
        told.add(gap);
    }

    @Override
    public synchronized void onFailure(EtcdException failure) {
        told.add(failure);
    }

    synchronized List<Object> told() {
        return new ArrayList<>(told);
    }

    synchronized long gaps() {
        return told.stream().filter(EtcdGap.class::isInstance).count();
    }

    /** Empty when all is well. */
    List<String> violations(WatchTruth truth) {
        return new Check(truth).of(told());
    }

    List<String> violations(WatchTruth truth, List<Object> of) {
        return new Check(truth).of(of);
    }

    private final class Check {

        private final WatchTruth truth;
        private final List<String> violations = new ArrayList<>();

        /** Nothing before it is to come any more; 0 while the watch has not been told where it stands. */
        private long next = spec.startRevision();

        private boolean created;

        Check(WatchTruth truth) {
            this.truth = truth;
        }

        private void holds(boolean condition, String validator, Object what) {
            if (!condition) {
                violations.add(validator + ": " + what + ", next is " + next);
            }
        }

        List<String> of(List<Object> entries) {
            for (Object entry : entries) {
                if (entry instanceof Long revision) {
                    holds(!created && next <= revision + 1, "Bookmarkable", "created@" + revision);
                    created = true;
                    next = spec.startRevision() > 0 ? spec.startRevision() : revision + 1;
                } else if (entry instanceof RevisionBatch batch) {
                    batch(batch);
                } else if (entry instanceof EtcdGap gap) {
                    gap(gap);
                } else {
                    holds(false, "Reliable", entry);
                }
            }
            if (!truth.events().isEmpty()) {
                nothingBetween(truth.events().lastKey() + 1, "Reliable");
            }
            return violations;
        }

        private void batch(RevisionBatch batch) {
            long revision = batch.revision();
            holds(created, "Bookmarkable", "batch before created");
            holds(revision >= next, "Ordered, Unique or Bookmarkable", "batch@" + revision);
            nothingBetween(revision, "Reliable or Resumable");
            List<Event> expected = visible(revision);
            List<String> keys = batch.events().stream().map(WatchHistory::key).toList();
            holds(
                    keys.equals(expected.stream().map(WatchHistory::key).toList()),
                    "Atomic or Filter",
                    keys + "@" + revision);
            Set<String> once = new HashSet<>(keys);
            holds(once.size() == keys.size(), "Unique", keys);
            Map<String, io.etcd.jetcd.api.KeyValue> before = truth.at(revision - 1);
            for (WatchEvent event : batch.events()) {
                event(event, before.get(key(event)), revision);
            }
            next = Math.max(next, revision + 1);
        }

        private void event(WatchEvent event, io.etcd.jetcd.api.@Nullable KeyValue before, long revision) {
            boolean put = event.getEventType() == WatchEvent.EventType.PUT;
            holds(put ? spec.puts() : spec.deletes(), "Filter", event);
            holds(event.getKeyValue().getModRevision() == revision, "Atomic", event);
            if (put) {
                boolean create = event.getKeyValue().getVersion() == 1;
                holds(create == (before == null), "IsCreate", event);
            }
            if (spec.prevKv()) {
                long previous =
                        event.getPrevKV() == null ? 0 : event.getPrevKV().getModRevision();
                boolean forgotten = previous == 0 && !truth.remembersBefore(revision);
                holds(forgotten || previous == (before == null ? 0 : before.getModRevision()), "PrevKV", event);
            }
        }

        private void gap(EtcdGap gap) {
            holds(gap.reason() == EtcdGap.Reason.COMPACTED, "Reliable", gap);
            holds(gap.firstLost() == next && gap.revision() >= next, "Resumable", gap);
            Map<String, Long> expected = new TreeMap<>();
            truth.at(gap.revision()).forEach((key, kv) -> {
                if (key.startsWith(prefix)) {
                    expected.put(key, kv.getModRevision());
                }
            });
            Map<String, Long> state = new TreeMap<>();
            for (KeyValue kv : gap.state()) {
                state.put(kv.getKey().toString(StandardCharsets.UTF_8), kv.getModRevision());
            }
            holds(state.equals(expected), "Reliable", "state@" + gap.revision() + " is " + state);
            next = gap.revision() + 1;
        }

        /** Nothing that this watch should have seen lies between what it has seen and this revision. */
        private void nothingBetween(long revision, String validator) {
            if (next > 0 && revision > next) {
                for (long lost : truth.events().subMap(next, revision).keySet()) {
                    holds(visible(lost).isEmpty(), validator, "revision " + lost + " is missing before " + revision);
                }
            }
        }

        private List<Event> visible(long revision) {
            return truth.events().getOrDefault(revision, List.of()).stream()
                    .filter(event -> key(event).startsWith(prefix))
                    .filter(event -> event.getType() == Event.EventType.PUT ? spec.puts() : spec.deletes())
                    .toList();
        }
    }

    private static String key(Event event) {
        return event.getKv().getKey().toStringUtf8();
    }

    private static String key(WatchEvent event) {
        return event.getKeyValue().getKey().toString(StandardCharsets.UTF_8);
    }
}

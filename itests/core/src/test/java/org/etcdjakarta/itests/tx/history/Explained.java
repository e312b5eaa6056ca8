package org.etcdjakarta.itests.tx.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.etcdjakarta.itests.tx.history.Recorded.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What clients have recorded, held against what etcd tells: each transaction is one revision, with all that it has written; who
 * was told so is there, and who was told otherwise is not; and everything that was read, also by those who have failed, was so
 * at the revision read. Out of it comes the history, whose order of writes is etcd's.
 */
final class Explained {

    private final Events events;
    private final Map<String, Recorded> recorded = new LinkedHashMap<>();
    private final Map<String, Long> applied = new HashMap<>();
    /** Key to revision to writer. */
    private final Map<String, TreeMap<Long, String>> writers = new TreeMap<>();

    private final Map<String, TreeMap<Long, @Nullable String>> values = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private final List<History.Transaction> transactions = new ArrayList<>();

    Explained(List<Recorded> all, Events events) {
        this.events = events;
        all.forEach(each -> recorded.put(each.id, each));
        events.byRevision().forEach(this::apply);
        for (Recorded each : all) {
            outcome(each);
            Map<String, String> reads = reads(each);
            boolean readOnly = each.writes.isEmpty() && each.outcome() == Outcome.COMMITTED;
            if (applied.containsKey(each.id) || readOnly) {
                transactions.add(new History.Transaction(each.id, each.began, each.ended(), reads));
            }
        }
    }

    List<String> violations() {
        return violations;
    }

    History history() {
        Map<String, List<String>> order = new LinkedHashMap<>();
        writers.forEach((key, versions) -> order.put(key, List.copyOf(versions.values())));
        return new History(transactions, order);
    }

    private void apply(long revision, Map<String, @Nullable String> changes) {
        String id = changes.values().stream()
                .filter(Objects::nonNull)
                .map(Recorded::writer)
                .findFirst()
                .orElse("nobody");
        Recorded by = recorded.get(id);
        if (by == null) {
            violations.add("revision " + revision + " is of nobody: " + changes);
            return;
        }
        Long before = applied.put(id, revision);
        if (before != null) {
            violations.add("applied twice, at " + before + " and " + revision + ": " + by);
        }
        Map<String, @Nullable String> intended = new HashMap<>(by.writes);
        intended.entrySet().removeIf(write -> write.getValue() == null && value(write.getKey(), revision - 1) == null);
        if (!intended.equals(changes)) {
            violations.add("revision " + revision + " has " + changes + " of " + by);
        }
        changes.forEach((key, value) -> {
            writers.computeIfAbsent(key, none -> new TreeMap<>()).put(revision, id);
            values.computeIfAbsent(key, none -> new TreeMap<>()).put(revision, value);
        });
    }

    private void outcome(Recorded each) {
        boolean there = applied.containsKey(each.id);
        if (each.outcome() == Outcome.COMMITTED && !there && !each.writes.isEmpty()) {
            violations.add("lost: " + each);
        }
        if (each.outcome() == Outcome.ABORTED && there) {
            violations.add("applied at " + applied.get(each.id) + ": " + each);
        }
    }

    private Map<String, String> reads(Recorded each) {
        Map<String, String> reads = new LinkedHashMap<>();
        each.reads.forEach((key, value) -> read(each, key, value, reads));
        for (Recorded.Range range : each.ranges) {
            for (String key : values.keySet()) {
                if (key.compareTo(range.from()) >= 0 && key.compareTo(range.to()) < 0) {
                    read(each, key, range.found().get(key), reads);
                }
            }
        }
        return reads;
    }

    private void read(Recorded by, String key, @Nullable String seen, Map<String, String> reads) {
        String there = value(key, by.revision());
        if (!Objects.equals(there, seen)) {
            violations.add("saw " + key + "=" + seen + ", at " + by.revision() + " it was " + there + ": " + by);
        }
        // a key that was made and deleted meanwhile is as absent as before: nobody can tell the one absence from the
        // other, so
        // it counts as that at the commit
        Long commit = applied.get(by.id);
        long at = seen == null && commit != null && commit > by.revision() && value(key, commit - 1) == null
                ? commit - 1
                : by.revision();
        TreeMap<Long, String> versions = writers.get(key);
        Map.Entry<Long, String> version = versions == null ? null : versions.floorEntry(at);
        reads.put(key, version == null ? History.INITIAL : version.getValue());
    }

    private @Nullable String value(String key, long revision) {
        TreeMap<Long, @Nullable String> versions = values.get(key);
        Map.Entry<Long, @Nullable String> version = versions == null ? null : versions.floorEntry(revision);
        return version == null ? null : version.getValue();
    }

    @Override
    public String toString() {
        return recorded.size() + " transactions, " + applied.size() + " of them applied, in "
                + events.byRevision().size() + " revisions";
    }
}

package org.etcdjakarta.itests.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.etcdjakarta.EtcdGap;

/**
 * Nothing is missing between the first and the last event, up to the end of what happened, unless a gap says so; and what a gap
 * hands over instead is the complete state at its revision. A watch does not end by itself.
 */
final class Reliable implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        Set<Long> covered = new TreeSet<>();
        long first = 0;
        for (Told entry : history.told()) {
            if (entry instanceof Told.Created created) {
                first = first == 0 ? created.revision() + 1 : first;
            } else if (entry instanceof Told.Batch batch) {
                covered.add(batch.revision());
            } else if (entry instanceof Told.Gap gap) {
                covered.addAll(truth.revisionsFrom(gap.gap().firstLost(), history)
                        .headSet(gap.gap().revision() + 1));
                first = first == 0 ? gap.gap().firstLost() : first;
                state(gap.gap(), history, truth, violations);
            } else if (entry instanceof Told.Failed failed) {
                violations.add("ended with " + failed.failure());
            }
        }
        if (first == 0) {
            violations.add("never stood");
        } else {
            Set<Long> missing = new TreeSet<>(truth.revisionsFrom(first, history));
            missing.removeAll(covered);
            if (!missing.isEmpty()) {
                violations.add("missing are " + missing);
            }
        }
        return violations;
    }

    private static void state(EtcdGap gap, WatchHistory history, WatchTruth truth, List<String> violations) {
        Map<String, Long> state = new TreeMap<>();
        gap.state().forEach(kv -> state.put(WatchTruth.text(kv.getKey()), kv.getModRevision()));
        Map<String, Long> expected = new TreeMap<>();
        truth.at(gap.revision()).forEach((key, kv) -> {
            if (key.startsWith(history.prefix())) {
                expected.put(key, kv.getModRevision());
            }
        });
        if (!state.equals(expected)) {
            violations.add("the gap at " + gap.revision() + " has " + state + " instead of " + expected);
        }
    }
}

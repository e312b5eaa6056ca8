package org.etcdjakarta.itests.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * A watch from a revision begins there: the first event it is told is the first that happened at or after its start. The same
 * holds behind each gap, which begins at the first revision that had not been told.
 */
final class Resumable implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        long next = history.spec().startRevision();
        boolean begins = true;
        for (Told entry : history.told()) {
            if (entry instanceof Told.Created created) {
                if (next > 0 && created.revision() + 1 != next) {
                    violations.add("stands after " + created.revision() + ", asked from " + next);
                }
                next = created.revision() + 1;
            } else if (entry instanceof Told.Batch batch) {
                SortedSet<Long> expected = truth.revisionsFrom(next, history);
                if (begins && (expected.isEmpty() || expected.first() != batch.revision())) {
                    violations.add("begins with " + batch.revision() + ", asked from " + next);
                }
                begins = false;
                next = batch.revision() + 1;
            } else if (entry instanceof Told.Progress progress) {
                next = Math.max(next, progress.revision() + 1);
            } else if (entry instanceof Told.Gap gap) {
                if (gap.gap().firstLost() != next || gap.gap().revision() < next - 1) {
                    violations.add("a gap from " + gap.gap().firstLost() + " to "
                            + gap.gap().revision() + ", next was " + next);
                }
                begins = true;
                next = gap.gap().revision() + 1;
            }
        }
        return violations;
    }
}

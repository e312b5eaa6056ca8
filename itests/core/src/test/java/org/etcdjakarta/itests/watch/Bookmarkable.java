package org.etcdjakarta.itests.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A notice of progress is a bookmark: everything up to its revision has been told before it and nothing at or below it comes after.
 * So is the notice that a watch stands.
 */
final class Bookmarkable implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        Set<Long> told = new TreeSet<>();
        boolean stands = false;
        long bookmark = 0;
        long first = 0;
        for (Told entry : history.told()) {
            if (entry instanceof Told.Created created) {
                if (stands || created.revision() < bookmark) {
                    violations.add("stands at " + created.revision() + ", again or behind " + bookmark);
                }
                stands = true;
                first = created.revision() + 1;
                bookmark = created.revision();
            } else if (entry instanceof Told.Batch batch) {
                if (!stands) {
                    violations.add("revision " + batch.revision() + " before the watch stood");
                } else if (batch.revision() <= bookmark) {
                    violations.add("revision " + batch.revision() + " after the bookmark " + bookmark);
                }
                told.add(batch.revision());
            } else if (entry instanceof Told.Gap gap) {
                first = gap.gap().revision() + 1;
                bookmark = Math.max(bookmark, gap.gap().revision());
            } else if (entry instanceof Told.Progress progress) {
                bookmark = Math.max(bookmark, progress.revision());
                Set<Long> untold =
                        new TreeSet<>(truth.revisionsFrom(first, history).headSet(progress.revision() + 1));
                untold.removeAll(told);
                if (!untold.isEmpty()) {
                    violations.add("bookmark " + progress.revision() + " before " + untold + " were told");
                }
            }
        }
        return violations;
    }
}

package org.etcdjakarta.itests.watch;

import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.core.watch.RevisionBatch;

/** Events are ordered by revision: one on a lower revision does not come after one on a higher one. */
final class Ordered implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        long last = 0;
        for (RevisionBatch batch : history.batches().toList()) {
            if (batch.revision() < last) {
                violations.add("revision " + batch.revision() + " after " + last);
            }
            last = batch.revision();
        }
        return violations;
    }
}

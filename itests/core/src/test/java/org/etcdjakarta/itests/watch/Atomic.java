package org.etcdjakarta.itests.watch;

import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.etcdjakarta.core.watch.RevisionBatch;

/** The events of one revision come together: all of them, in the order of the Txn, in one batch, which has no others. */
final class Atomic implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        Set<Long> revisions = new HashSet<>();
        for (RevisionBatch batch : history.batches().toList()) {
            if (!revisions.add(batch.revision())) {
                violations.add("revision " + batch.revision() + " in two batches");
            }
            for (WatchEvent event : batch.events()) {
                if (event.getKeyValue().getModRevision() != batch.revision()) {
                    violations.add(WatchHistory.key(event) + "@"
                            + event.getKeyValue().getModRevision() + " in the batch of " + batch.revision());
                }
            }
            List<String> keys = batch.events().stream().map(WatchHistory::key).toList();
            List<String> expected = truth.keysAt(batch.revision(), history);
            if (!keys.equals(expected)) {
                violations.add("revision " + batch.revision() + " has " + keys + " instead of " + expected);
            }
        }
        return violations;
    }
}

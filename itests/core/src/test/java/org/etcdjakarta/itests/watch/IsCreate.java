package org.etcdjakarta.itests.watch;

import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.core.watch.RevisionBatch;

/** A put says that it has created its key exactly when the key was not there. */
final class IsCreate implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        for (RevisionBatch batch : history.batches().toList()) {
            Map<String, ?> before = truth.at(batch.revision() - 1);
            for (WatchEvent event : batch.events()) {
                boolean created = event.getKeyValue().getVersion() == 1;
                if (WatchHistory.isPut(event) && created == before.containsKey(WatchHistory.key(event))) {
                    violations.add(WatchHistory.key(event) + "@" + batch.revision() + " created: " + created);
                }
            }
        }
        return violations;
    }
}

package org.etcdjakarta.itests.watch;

import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.core.watch.RevisionBatch;

/** What is told is what was asked for: keys below the prefix, and puts or deletes as wished. */
final class Filter implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        for (RevisionBatch batch : history.batches().toList()) {
            for (WatchEvent event : batch.events()) {
                String key = WatchHistory.key(event);
                boolean wanted = WatchHistory.isPut(event)
                        ? history.spec().puts()
                        : history.spec().deletes();
                if (!wanted || !key.startsWith(history.prefix())) {
                    violations.add(event.getEventType() + " of " + key + "@" + batch.revision());
                }
            }
        }
        return violations;
    }
}

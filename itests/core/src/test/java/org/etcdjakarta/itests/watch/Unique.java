package org.etcdjakarta.itests.watch;

import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.etcdjakarta.core.watch.RevisionBatch;

/** An event appears once: no key twice at one revision. */
final class Unique implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (RevisionBatch batch : history.batches().toList()) {
            for (WatchEvent event : batch.events()) {
                String name = WatchHistory.key(event) + "@" + batch.revision();
                if (!seen.add(name)) {
                    violations.add(name + " twice");
                }
            }
        }
        return violations;
    }
}

package org.etcdjakarta.itests.watch;

import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.core.watch.RevisionBatch;

/** The previous value, when asked for, is what the key had before; it may be missing only when it has been compacted away. */
final class PrevKv implements Validator {

    @Override
    public List<String> violations(WatchHistory history, WatchTruth truth) {
        List<String> violations = new ArrayList<>();
        if (!history.spec().prevKv()) {
            return violations;
        }
        for (RevisionBatch batch : history.batches().toList()) {
            Map<String, KeyValue> before = truth.at(batch.revision() - 1);
            for (WatchEvent event : batch.events()) {
                KeyValue expected = before.get(WatchHistory.key(event));
                long mod = event.getPrevKV() == null ? 0 : event.getPrevKV().getModRevision();
                boolean forgotten = mod == 0 && !truth.remembersBefore(batch.revision());
                boolean right = mod == (expected == null ? 0 : expected.getModRevision());
                if (right && expected != null) {
                    right = event.getPrevKV().getValue().equals(io.etcd.jetcd.ByteSequence.from(expected.getValue()));
                }
                if (!right && !forgotten) {
                    violations.add(WatchHistory.key(event) + "@" + batch.revision() + " had " + mod + " before");
                }
            }
        }
        return violations;
    }
}

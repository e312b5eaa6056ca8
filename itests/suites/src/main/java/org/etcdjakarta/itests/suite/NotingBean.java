package org.etcdjakarta.itests.suite;

import java.util.stream.Collectors;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdWatchListener;

/** Notes down in etcd, in its transaction, what it gets. Activated by {@link ActivationXml}. */
public class NotingBean implements EtcdWatchListener {

    static final String NOTES = "/inbound-notes/";

    @Override
    public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
        note(batch.revision(), batch.events().stream().map(Inbox::text).collect(Collectors.joining(", ")));
    }

    /** A second delivery of one revision would be seen: it adds to the first one's note. */
    static void note(long revision, String text) throws Exception {
        try (EtcdConnection etcd = Names.connect()) {
            String key = NOTES + String.format("%010d", revision);
            String before = Texts.get(etcd.kv(), key).map(there -> there + "; ").orElse("");
            Texts.put(etcd.kv(), key, before + text);
        }
    }
}

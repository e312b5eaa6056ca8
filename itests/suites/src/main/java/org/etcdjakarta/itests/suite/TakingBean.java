package org.etcdjakarta.itests.suite;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import java.util.stream.Collectors;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdWatchListener;

/** Takes everything, and writes down in etcd what it was: one key a batch, in the order of revisions. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "prefix", propertyValue = TakingBean.PREFIX),
            @ActivationConfigProperty(propertyName = "durableName", propertyValue = TakingBean.NAME),
            @ActivationConfigProperty(propertyName = "prevValue", propertyValue = "true")
        })
public class TakingBean implements EtcdWatchListener {

    static final String PREFIX = "/inbound/taking/";
    static final String NAME = "suite-taking";
    static final String EFFECTS = "/inbound-effects/taking/";

    @Override
    public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
        Inbox.called(this, batch);
        try (EtcdConnection etcd = Names.connect()) {
            String effect = batch.events().stream().map(Inbox::text).collect(Collectors.joining(", "));
            Texts.put(etcd.kv(), EFFECTS + String.format("%010d", batch.revision()), effect);
        }
    }
}

package org.etcdjakarta.itests.suite;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdWatchListener;

/** Has no checkpoint, only wants one key's deletes. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "key", propertyValue = PassingBean.KEY),
            @ActivationConfigProperty(propertyName = "events", propertyValue = "delete")
        })
public class PassingBean implements EtcdWatchListener {

    static final String KEY = "/inbound/passing";

    @Override
    public void onWatch(EtcdBatch<byte[]> batch) {
        Inbox.called(this, batch);
    }
}

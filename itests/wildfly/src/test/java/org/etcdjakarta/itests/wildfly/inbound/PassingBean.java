package org.etcdjakarta.itests.wildfly.inbound;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdWatchListener;

/** Only what comes while it is there: it has no checkpoint. */
@MessageDriven(activationConfig = {@ActivationConfigProperty(propertyName = "prefix", propertyValue = "/in/")})
public class PassingBean implements EtcdWatchListener {

    @SuppressWarnings("NullAway.Init") // by the container
    @Resource(lookup = "java:/eis/etcd")
    EtcdConnectionFactory etcd;

    @Override
    public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
        Counting.count(etcd, "passing", batch);
    }
}

package org.etcdjakarta.itests.wildfly.inbound;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdWatchListener;

/** More deliveries at a time than the server has instances. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "prefix", propertyValue = "/in/"),
            @ActivationConfigProperty(propertyName = "durableName", propertyValue = "crowded"),
            @ActivationConfigProperty(propertyName = "concurrency", propertyValue = "8"),
            @ActivationConfigProperty(propertyName = "maxRedeliveries", propertyValue = "1"),
            @ActivationConfigProperty(propertyName = "redeliveryDelay", propertyValue = "20ms"),
            @ActivationConfigProperty(propertyName = "deadLetterPrefix", propertyValue = "/dead/")
        })
public class CrowdedBean implements EtcdWatchListener {

    @SuppressWarnings("NullAway.Init") // by the container
    @Resource(lookup = "java:/eis/etcd")
    EtcdConnectionFactory etcd;

    @Override
    public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
        Counting.count(etcd, "crowded", batch);
    }
}

package org.etcdjakarta.itests.wildfly.inbound;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdWatchListener;

/** At least once: what it does is in no transaction. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "prefix", propertyValue = "/in/"),
            @ActivationConfigProperty(propertyName = "durableName", propertyValue = "outside"),
            @ActivationConfigProperty(propertyName = "redeliveryDelay", propertyValue = "20ms")
        })
public class OutsideBean implements EtcdWatchListener {

    @SuppressWarnings("NullAway.Init") // by the container
    @Resource(lookup = "java:/eis/etcd")
    EtcdConnectionFactory etcd;

    @Override
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
        Counting.count(etcd, "outside", batch);
    }
}

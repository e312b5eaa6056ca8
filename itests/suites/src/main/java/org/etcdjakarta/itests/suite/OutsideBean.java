package org.etcdjakarta.itests.suite;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdWatchListener;

/** As {@link FailingBean}, but in no transaction: its effects stay also when it fails. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "prefix", propertyValue = OutsideBean.PREFIX),
            @ActivationConfigProperty(propertyName = "durableName", propertyValue = OutsideBean.NAME),
            @ActivationConfigProperty(propertyName = "redeliveryDelay", propertyValue = "20ms")
        })
public class OutsideBean implements EtcdWatchListener {

    static final String PREFIX = "/inbound/outside/";
    static final String NAME = "suite-outside";

    @Override
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
        Inbox.called(this, batch);
        Effects.of(batch, () -> {});
    }
}

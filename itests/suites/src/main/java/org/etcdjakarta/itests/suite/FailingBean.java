package org.etcdjakarta.itests.suite;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.MessageDrivenContext;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdWatchListener;

/** Fails as each value says, after it has had its effects. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "prefix", propertyValue = FailingBean.PREFIX),
            @ActivationConfigProperty(propertyName = "durableName", propertyValue = FailingBean.NAME),
            @ActivationConfigProperty(propertyName = "maxRedeliveries", propertyValue = "2"),
            @ActivationConfigProperty(propertyName = "redeliveryDelay", propertyValue = "20ms"),
            @ActivationConfigProperty(propertyName = "deadLetterPrefix", propertyValue = FailingBean.DEAD_LETTERS)
        })
public class FailingBean implements EtcdWatchListener {

    static final String PREFIX = "/inbound/failing/";
    static final String NAME = "suite-failing";
    static final String DEAD_LETTERS = "/inbound-dead/";

    @SuppressWarnings("NullAway.Init") // by the container
    @Resource
    MessageDrivenContext context;

    @Override
    public void onWatch(EtcdBatch<byte[]> batch) throws Exception {
        Inbox.called(this, batch);
        Effects.of(batch, context::setRollbackOnly);
    }
}

package org.etcdjakarta;

/**
 * What a message-driven bean implements to get the changes of keys. Its activation config properties say of which:
 *
 * <pre>{@code
 * @MessageDriven(activationConfig = {
 *     @ActivationConfigProperty(propertyName = "prefix", propertyValue = "/orders/"),
 *     @ActivationConfigProperty(propertyName = "durableName", propertyValue = "order-audit"),
 *     @ActivationConfigProperty(propertyName = "singleton", propertyValue = "true")})
 * public class OrderAudit implements EtcdWatchListener { … }
 * }</pre>
 *
 * <p>Methods are called in the bean's transaction (container-managed and required, the default), on threads of the server, in the
 * order of etcd's revisions, the next one after the one before has ended; with {@code concurrency} above 1 that holds for each
 * key. A method that throws anything, or whose transaction does not commit, has not taken the changes: what it did is rolled back, and
 * they are delivered again. With {@code durableName} the checkpoint is written in the same transaction, so that what the bean does to etcd and
 * to all other XA resources is done exactly once, across crashes and redeployments; without a transaction, at least once.
 *
 * @see <a href="https://jakarta.ee/specifications/connectors/2.1/">Jakarta Connectors 2.1, chapter 13: Message inflow</a>
 * @see <a href="https://etcd.io/docs/v3.5/learning/api/#watch-api">etcd, watch API</a>
 */
public interface EtcdWatchListener {

    /**
     * Takes the changes of one revision; with {@code concurrency} above 1 those of them that belong together. Joins the bean's
     * transaction, and may block as long as that may last.
     *
     * @param batch the changes, in the order of etcd
     * @throws Exception when they are not taken; they are delivered again after {@code redeliveryDelay}, and after
     *     {@code maxRedeliveries} are parked below {@code deadLetterPrefix}
     */
    void onWatch(EtcdBatch<byte[]> batch) throws Exception;

    /**
     * Takes notice that changes are lost: etcd has compacted them away before they were delivered, or was restored from a backup.
     * Carries the complete state instead. The checkpoint moves to its revision in the same transaction. Does nothing unless
     * overridden.
     *
     * @param gap what is lost, and what is there
     * @throws Exception as of {@link #onWatch}
     */
    default void onGap(EtcdGap gap) throws Exception {}
}

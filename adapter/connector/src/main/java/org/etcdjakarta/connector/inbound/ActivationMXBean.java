package org.etcdjakarta.connector.inbound;

import javax.management.MXBean;

/** One endpoint of the server, for its operators: {@code org.etcdjakarta:type=Activation,name=…}. Nothing here blocks. */
@MXBean
public interface ActivationMXBean {

    /**
     * Returns what it does now.
     *
     * @return {@code DELIVERING}; {@code BEGINNING} until the watch stands; {@code STANDBY} while another node delivers;
     *     {@code PAUSED}; {@code STOPPED}
     */
    String getState();

    /**
     * Returns what is watched.
     *
     * @return {@code key …} or {@code prefix …}, with the namespace
     */
    String getRange();

    /**
     * Returns the name of the checkpoint.
     *
     * @return empty when there is none
     */
    String getDurableName();

    /**
     * Returns the last revision that the bean has taken, or that was parked.
     *
     * @return 0 before the first
     */
    long getLastRevision();

    /**
     * Returns how many batches the bean has taken.
     *
     * @return since the activation
     */
    long getDelivered();

    /**
     * Returns how many deliveries were rolled back.
     *
     * @return since the activation
     */
    long getFailed();

    /**
     * Returns how many batches were put below the dead-letter prefix.
     *
     * @return since the activation
     */
    long getParked();

    /**
     * Returns how many gaps the bean has taken.
     *
     * @return since the activation
     */
    long getGaps();

    /**
     * Returns how often a delivery had to wait for a free endpoint or for etcd.
     *
     * @return since the activation
     */
    long getWaits();

    /**
     * Returns why a delivery failed or waited last.
     *
     * @return empty when none has
     */
    String getLastFailure();

    /** Delivers nothing on this node until {@link #resume()}; a delivery under way ends. Another node may take over. */
    void pause();

    /** Goes on where it was paused. */
    void resume();
}

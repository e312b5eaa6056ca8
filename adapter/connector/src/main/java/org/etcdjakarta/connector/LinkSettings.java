package org.etcdjakarta.connector;

import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TxSettings;

/**
 * What a factory connects with, whoever signs on. A managed connection remembers with which it was made: when its factory has others
 * by now, it is not handed out again.
 *
 * @param link without a user
 */
record LinkSettings(EtcdLinkConfig link, TxSettings tx, boolean transactional) {}

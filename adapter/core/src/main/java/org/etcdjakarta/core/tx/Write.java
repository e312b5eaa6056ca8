package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;

/** The last thing a transaction did to a key: what came before it is of no consequence for etcd. */
sealed interface Write {

    /**
     * The key has this value from now on.
     *
     * @param lease id of the lease to attach, 0 for none
     */
    record Put(ByteString value, long lease) implements Write {}

    /** The key is gone. */
    record Delete() implements Write {}
}

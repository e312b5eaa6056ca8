package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;

/**
 * What the adapter keeps for itself below the reserved prefix, where applications neither see nor touch it: how far a watch has been
 * delivered.
 *
 * @param value empty when it is absent
 * @param modRevision at which it was written last; 0 when it is absent
 */
public record OwnRecord(ByteString value, long modRevision) {

    /** There is none. */
    public static final OwnRecord ABSENT = new OwnRecord(ByteString.EMPTY, 0);

    static OwnRecord of(KeyValue kv) {
        return new OwnRecord(kv.getValue(), kv.getModRevision());
    }

    public boolean isAbsent() {
        return modRevision == 0;
    }
}

package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class NodeIdentifierTest {

    private static final ByteString UID = ByteString.copyFrom(new byte[28]);

    private static BranchXid xid(int format, ByteString gtrid) {
        return new BranchXid(format, gtrid, ByteString.EMPTY);
    }

    @Test
    void standsInNarayanasXidsBehindTheTransactionsOwn() {
        ByteString gtrid = UID.concat(ByteString.copyFromUtf8("node-7"));
        assertThat(NodeIdentifier.of(xid(131077, gtrid))).isEqualTo("node-7");
        assertThat(NodeIdentifier.of(xid(131072, gtrid))).isEqualTo("node-7");
    }

    @Test
    void isNotToldByOthers() {
        assertThat(NodeIdentifier.of(xid(4660, UID.concat(ByteString.copyFromUtf8("node-7")))))
                .isNull();
        assertThat(NodeIdentifier.of(xid(131077, UID))).isNull();
        assertThat(NodeIdentifier.of(xid(131077, ByteString.EMPTY))).isNull();
    }
}

package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the transaction manager itself calls its node, as it stands in its xids. It need not be what the server is called: WildFly's
 * identifier is "1" everywhere until somebody sets it, and recovery tells nodes apart by it and by nothing else.
 */
final class NodeIdentifier {

    /** Narayana's, of JTA and of JTS. */
    private static final Set<Integer> FORMATS = Set.of(131077, 131072);

    /** In front of the node's identifier stands the transaction's own. */
    private static final int UID_BYTES = 28;

    /** What it is until somebody sets it. */
    private static final String DEFAULT = "1";

    private NodeIdentifier() {}

    /**
     * Null when the xid does not tell.
     *
     * @see <a href="https://github.com/jbosstm/narayana">XATxConverter.getNodeName of Narayana</a>
     */
    static @Nullable String of(BranchXid xid) {
        ByteString gtrid = xid.gtrid();
        return FORMATS.contains(xid.formatId()) && gtrid.size() > UID_BYTES
                ? gtrid.substring(UID_BYTES).toStringUtf8()
                : null;
    }

    /** Whether it is the one that servers have which were given none, so that it tells nobody apart. */
    static boolean isDefault(BranchXid xid) {
        return DEFAULT.equals(of(xid));
    }
}

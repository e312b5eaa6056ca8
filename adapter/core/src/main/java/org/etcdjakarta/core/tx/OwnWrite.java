package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A record of the adapter's own that a transaction has replaced; see {@link TxSession#replaceOwn}. */
public final class OwnWrite {

    private final Workspace workspace;
    private final @Nullable ByteString value;

    OwnWrite(Workspace workspace, @Nullable ByteString value) {
        this.workspace = workspace;
        this.value = value;
    }

    /**
     * The record as the transaction has left it, to be replaced by the next one without being read first. Does not block.
     *
     * @return empty as long as the transaction has not committed, and after a commit in two phases, which may have been completed by
     *     anybody: read it then
     */
    public Optional<OwnRecord> committed() {
        long revision = workspace.committedRevision();
        if (revision == 0) {
            return Optional.empty();
        }
        return Optional.of(value == null ? OwnRecord.ABSENT : new OwnRecord(value, revision));
    }
}

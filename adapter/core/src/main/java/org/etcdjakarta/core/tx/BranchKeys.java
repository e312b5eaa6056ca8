package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** Where the protocol keeps what; physical keys, whatever the client's namespace. */
record BranchKeys(String reservedPrefix) {

    ByteString prepared(BranchXid xid) {
        return bytes(preparedPrefix() + xid.text());
    }

    ByteString heuristic(BranchXid xid) {
        return bytes(heuristicPrefix() + xid.text());
    }

    String preparedPrefix() {
        return reservedPrefix + "p/";
    }

    String intentsPrefix() {
        return reservedPrefix + "i/";
    }

    String intentsPrefix(String linkId) {
        return intentsPrefix() + linkId + "/";
    }

    String heuristicPrefix() {
        return reservedPrefix + "h/";
    }

    /** Of the links that live. */
    String alivePrefix() {
        return reservedPrefix + "s/";
    }

    /** Of the slots of all links. */
    String slotsPrefix() {
        return reservedPrefix + "o/";
    }

    String slotsPrefix(String linkId) {
        return slotsPrefix() + linkId + "/";
    }

    /** Of what others of the adapter keep there; their names begin with none of the above. */
    ByteString own(String name) {
        return bytes(reservedPrefix + name);
    }

    /** Null when the key is none of a branch. */
    static @Nullable BranchXid xid(ByteString key, String prefix) {
        return BranchXid.parse(key.toStringUtf8().substring(prefix.length()));
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}

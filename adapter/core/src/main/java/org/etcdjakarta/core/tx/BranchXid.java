package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * An xid with value equality; transaction managers hand in objects of their own, which have none.
 *
 * <p>It is written into keys in full, {@code <format hex>.<gtrid hex>.<bqual hex>}, so that recovery reads keys only.
 */
record BranchXid(int formatId, ByteString gtrid, ByteString bqual) implements Xid {

    static BranchXid of(Xid xid) {
        return xid instanceof BranchXid same
                ? same
                : new BranchXid(
                        xid.getFormatId(),
                        ByteString.copyFrom(xid.getGlobalTransactionId()),
                        ByteString.copyFrom(xid.getBranchQualifier()));
    }

    /** The inverse of {@link #text()}; null when it is not one of ours. */
    static @Nullable BranchXid parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            return null;
        }
        try {
            return new BranchXid(Integer.parseUnsignedInt(parts[0], 16), bytes(parts[1]), bytes(parts[2]));
        } catch (IllegalArgumentException notHex) {
            return null;
        }
    }

    String text() {
        return Integer.toHexString(formatId) + "." + hex(gtrid) + "." + hex(bqual);
    }

    @Override
    public int getFormatId() {
        return formatId;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return gtrid.toByteArray();
    }

    @Override
    public byte[] getBranchQualifier() {
        return bqual.toByteArray();
    }

    @Override
    public String toString() {
        return text();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static ByteString bytes(String hex) {
        return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    }
}

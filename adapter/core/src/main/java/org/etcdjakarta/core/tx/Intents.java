package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a prepared branch holds until it is completed: nobody writes what it has read or will write, and nobody prepares on the
 * ground of what it will write. It also says whose branch it is, so that recovery need not read the whole prepare record.
 *
 * @param link that prepared it
 * @param node that prepared it
 * @param createdMillis for people; no decision depends on it
 * @param home of the transaction manager's log, see {@link TxSettings}; empty when it is not known
 */
record Intents(
        BranchXid xid, String link, String node, long createdMillis, Footprint written, Footprint read, String home) {

    static final int VERSION = 1;

    private static final BranchXid NOBODY = new BranchXid(-1, ByteString.EMPTY, ByteString.EMPTY);

    Intents copy() {
        return new Intents(xid, link, node, createdMillis, written, read, home);
    }

    ByteString encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(xid.text());
            out.writeByte(VERSION);
            out.writeUTF(link);
            out.writeUTF(node);
            out.writeLong(createdMillis);
            write(out, written);
            write(out, read);
            // At the end, where those of this version that know of no home do not look.
            out.writeUTF(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    /**
     * Those that nobody can read, of a newer version perhaps, hold everything: the branch must be able to commit. Whose they are
     * comes before the version, and is read whatever follows.
     */
    static Intents decode(ByteString value) {
        BranchXid xid = null;
        try (DataInputStream in = new DataInputStream(value.newInput())) {
            xid = BranchXid.parse(in.readUTF());
            if (xid != null && in.readByte() == VERSION) {
                return new Intents(xid, in.readUTF(), in.readUTF(), in.readLong(), read(in), read(in), readHome(in));
            }
        } catch (IOException | RuntimeException e) {
            // not of this version
        }
        return unreadable(xid == null ? NOBODY : xid);
    }

    static Intents unreadable(BranchXid xid) {
        Footprint everything = Footprint.of(List.of(), List.of(new KeyRange(ByteString.EMPTY, null)));
        return new Intents(xid, "", "?", 0, everything, everything, TxSettings.UNKNOWN_HOME);
    }

    private static void write(DataOutputStream out, Footprint footprint) throws IOException {
        write(out, footprint.keys());
        List<ByteString> bounds = new ArrayList<>();
        for (KeyRange range : footprint.ranges()) {
            bounds.add(range.from());
            bounds.add(range.rangeEnd());
        }
        write(out, bounds);
    }

    private static void write(DataOutputStream out, Collection<ByteString> keys) throws IOException {
        out.writeInt(keys.size());
        for (ByteString key : keys) {
            out.writeInt(key.size());
            key.writeTo(out);
        }
    }

    private static Footprint read(DataInputStream in) throws IOException {
        List<ByteString> keys = readKeys(in);
        List<ByteString> bounds = readKeys(in);
        List<KeyRange> ranges = new ArrayList<>();
        for (int i = 0; i < bounds.size(); i += 2) {
            ranges.add(KeyRange.of(bounds.get(i), bounds.get(i + 1)));
        }
        return Footprint.of(keys, ranges);
    }

    private static String readHome(DataInputStream in) throws IOException {
        return in.available() > 0 ? in.readUTF() : TxSettings.UNKNOWN_HOME;
    }

    private static List<ByteString> readKeys(DataInputStream in) throws IOException {
        List<ByteString> keys = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            keys.add(ByteString.copyFrom(in.readNBytes(in.readInt())));
        }
        return keys;
    }

    /** A key that the branch holds against what somebody else writes; null when there is none. */
    @Nullable
    ByteString holdsAgainst(Footprint writes) {
        ByteString key = written.common(writes);
        return key == null ? read.common(writes) : key;
    }

    boolean isOfSameTransaction(@Nullable BranchXid other) {
        return other != null
                && other.formatId() == xid.formatId()
                && other.gtrid().equals(xid.gtrid());
    }
}

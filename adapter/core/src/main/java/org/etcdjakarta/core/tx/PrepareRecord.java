package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The value of a prepare record: all that any process needs to complete the branch. The first byte is the version of the
 * protocol; a newer version may follow other rules, so its records are shown but not touched.
 *
 * @param createdMillis for people; no decision depends on it
 * @param node that prepared it
 * @param linkId that prepared it
 * @param intents key of what the branch holds
 * @param operations of the commit
 */
record PrepareRecord(long createdMillis, String node, String linkId, ByteString intents, List<RequestOp> operations) {

    static final int VERSION = 1;

    ByteString encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(createdMillis);
            out.writeUTF(node);
            out.writeUTF(linkId);
            out.writeUTF(intents.toStringUtf8());
            TxnRequest.newBuilder().addAllSuccess(operations).build().writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    /** EtcdException when it is of a newer version, or no record at all. */
    static PrepareRecord decode(ByteString value) {
        if (!value.isEmpty() && value.byteAt(0) > VERSION) {
            throw BranchErrors.unknownRecordVersion(value.byteAt(0));
        }
        try (DataInputStream in = new DataInputStream(value.newInput())) {
            in.readByte();
            return new PrepareRecord(
                    in.readLong(),
                    in.readUTF(),
                    in.readUTF(),
                    ByteString.copyFromUtf8(in.readUTF()),
                    TxnRequest.parseFrom(in.readAllBytes()).getSuccessList());
        } catch (IOException e) {
            throw BranchErrors.unreadableRecord(e);
        }
    }
}

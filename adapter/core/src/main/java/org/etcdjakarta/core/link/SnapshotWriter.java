package org.etcdjakarta.core.link;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.SnapshotResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdMaintenance.Snapshot;

/**
 * Writes the parts of a snapshot and compares the SHA-256 with which etcd ends it: a stream that ends early, but in order, or
 * that lost something on its way would else be found out only when it is to be restored.
 */
final class SnapshotWriter implements StreamObserver<SnapshotResponse> {

    private static final int DIGEST_BYTES = 32;

    /** Of etcd 3.6; jetcd's message does not know it. */
    private static final int VERSION_FIELD = 4;

    private final OutputStream target;
    private final LinkErrors errors;
    private final MessageDigest digest = sha256();
    private final CompletableFuture<Snapshot> written = new CompletableFuture<>();
    private ByteString tail = ByteString.EMPTY;
    private Optional<String> version = Optional.empty();
    private long bytes;

    SnapshotWriter(OutputStream target, LinkErrors errors) {
        this.target = target;
        this.errors = errors;
    }

    CompletableFuture<Snapshot> written() {
        return written;
    }

    @Override
    public void onNext(SnapshotResponse part) {
        try {
            part.getBlob().writeTo(target);
        } catch (IOException e) {
            throw errors.snapshotNotTaken(e);
        }
        bytes += part.getBlob().size();
        add(part.getBlob());
        part.getUnknownFields()
                .getField(VERSION_FIELD)
                .getLengthDelimitedList()
                .forEach(text -> version = Optional.of(text.toStringUtf8()));
    }

    /** What may be the digest at the end is no part of what it is a digest of. */
    private void add(ByteString blob) {
        ByteString known = tail.concat(blob);
        int covered = Math.max(0, known.size() - DIGEST_BYTES);
        for (ByteBuffer buffer : known.substring(0, covered).asReadOnlyByteBufferList()) {
            digest.update(buffer);
        }
        tail = known.substring(covered);
    }

    @Override
    public void onError(Throwable failure) {
        written.completeExceptionally(failure instanceof EtcdException ? failure : errors.snapshotNotTaken(failure));
    }

    @Override
    public void onCompleted() {
        if (MessageDigest.isEqual(digest.digest(), tail.toByteArray())) {
            written.complete(new Snapshot(bytes, version));
        } else {
            written.completeExceptionally(
                    errors.snapshotBroken("the " + bytes + " bytes that came do not end with their SHA-256"));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

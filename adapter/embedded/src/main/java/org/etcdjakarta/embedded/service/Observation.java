package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaderResponse;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Revision;
import org.jspecify.annotations.Nullable;

/** One stream of an election's proclamations. It follows a leader until its key is gone, then the next one. */
final class Observation implements Consumer<Revision> {

    private final KeyRange range;
    private final Headers headers;
    private final StreamObserver<LeaderResponse> caller;
    private @Nullable ByteString leader;

    Observation(KeyRange range, Headers headers, StreamObserver<LeaderResponse> caller) {
        this.range = range;
        this.headers = headers;
        this.caller = caller;
    }

    void begin(Revision now) {
        Queue.oldest(range, now.keys()).ifPresent(kv -> follow(kv, now));
    }

    @Override
    public void accept(Revision revision) {
        for (Event event : revision.events()) {
            if (!event.getKv().getKey().equals(leader)) {
                continue;
            }
            if (event.getType() == Event.EventType.PUT) {
                follow(event.getKv(), revision);
            } else {
                leader = null;
            }
        }
        if (leader == null) {
            begin(revision);
        }
    }

    private void follow(KeyValue kv, Revision revision) {
        leader = kv.getKey();
        caller.onNext(LeaderResponse.newBuilder()
                .setHeader(headers.at(revision.number()))
                .setKv(kv)
                .build());
    }
}

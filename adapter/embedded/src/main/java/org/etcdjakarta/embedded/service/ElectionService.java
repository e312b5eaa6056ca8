package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CampaignRequest;
import io.etcd.jetcd.api.CampaignResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaderKey;
import io.etcd.jetcd.api.LeaderRequest;
import io.etcd.jetcd.api.LeaderResponse;
import io.etcd.jetcd.api.ProclaimRequest;
import io.etcd.jetcd.api.ProclaimResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResignRequest;
import io.etcd.jetcd.api.ResignResponse;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Revision;
import org.etcdjakarta.embedded.store.Store;

/** etcd's Election service: the first in the {@link Queue} of a name leads, and its key's value is what it proclaims. */
public final class ElectionService extends ElectionGrpc.ElectionImplBase {

    private final Store store;
    private final Headers headers;
    private final Admission admission;
    private final Queue queue;

    public ElectionService(Store store, Headers headers, Admission admission) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
        this.queue = new Queue(store, admission);
    }

    /** Answers when the caller leads, with the revision in which he joined. */
    @Override
    public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> caller) {
        try {
            Queue.Turn turn = store.exclusively(() -> {
                long lease = queue.session(request.getLease());
                Queue.Place place = queue.join(request.getName(), lease, request.getValue());
                renewValue(place, request.getValue(), lease);
                LeaderKey leader = LeaderKey.newBuilder()
                        .setName(request.getName())
                        .setKey(place.key())
                        .setRev(place.created())
                        .setLease(lease)
                        .build();
                return queue.await(place, revision -> {
                    caller.onNext(CampaignResponse.newBuilder()
                            .setHeader(headers.at(place.joined()))
                            .setLeader(leader)
                            .build());
                    caller.onCompleted();
                });
            });
            ((ServerCallStreamObserver<CampaignResponse>) caller).setOnCancelHandler(turn::abandon);
        } catch (StatusRuntimeException refused) {
            caller.onError(Answer.secondHand(refused));
        }
    }

    private void renewValue(Queue.Place place, ByteString value, long lease) {
        KeyValue found = place.found();
        if (found != null && !found.getValue().equals(value)) {
            var unused = queue.ifStill(place.key(), place.created(), Queue.put(place.key(), value, lease));
        }
    }

    @Override
    public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> caller) {
        answer(caller, () -> {
            LeaderKey leader = required(request.hasLeader(), request.getLeader());
            long lease = queue.session(leader.getLease());
            TxnResponse answer = queue.ifStill(
                    leader.getKey(), leader.getRev(), Queue.put(leader.getKey(), request.getValue(), lease));
            if (!answer.getSucceeded()) {
                throw Answer.unknown("election: not leader");
            }
            return ProclaimResponse.newBuilder()
                    .setHeader(headers.complete(answer.getHeader()))
                    .build();
        });
    }

    /** Who leads no longer is not told so: what he wants is the case. */
    @Override
    public void resign(ResignRequest request, StreamObserver<ResignResponse> caller) {
        answer(caller, () -> {
            LeaderKey leader = required(request.hasLeader(), request.getLeader());
            var unused = queue.session(leader.getLease());
            TxnResponse answer = queue.ifStill(leader.getKey(), leader.getRev(), delete(leader.getKey()));
            return ResignResponse.newBuilder()
                    .setHeader(headers.complete(answer.getHeader()))
                    .build();
        });
    }

    @Override
    public void leader(LeaderRequest request, StreamObserver<LeaderResponse> caller) {
        answer(caller, () -> {
            KeyRange range = readable(request);
            Revision now = store.keyspace().current();
            KeyValue leader = Queue.oldest(range, now.keys()).orElseThrow(() -> Answer.unknown("election: no leader"));
            return LeaderResponse.newBuilder()
                    .setHeader(headers.at(now.number()))
                    .setKv(leader)
                    .build();
        });
    }

    /** Whoever may not read it sees an end at once: etcd does not tell why. */
    @Override
    public void observe(LeaderRequest request, StreamObserver<LeaderResponse> caller) {
        store.exclusively(() -> {
            try {
                Observation observation = new Observation(readable(request), headers, caller);
                ((ServerCallStreamObserver<LeaderResponse>) caller).setOnCancelHandler(() -> store.forget(observation));
                store.listen(observation);
                observation.begin(store.keyspace().current());
            } catch (StatusRuntimeException refused) {
                caller.onCompleted();
            }
            return null;
        });
    }

    private KeyRange readable(LeaderRequest request) {
        KeyRange range = Queue.below(request.getName());
        admission.range(RangeRequest.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .build());
        return range;
    }

    private static <R> void answer(StreamObserver<R> caller, Supplier<R> action) {
        Answer.to(caller, () -> {
            try {
                return action.get();
            } catch (StatusRuntimeException refused) {
                throw Answer.secondHand(refused);
            }
        });
    }

    private static LeaderKey required(boolean given, LeaderKey leader) {
        if (!given) {
            throw Answer.unknown("\"leader\" field must be provided");
        }
        return leader;
    }

    private static RequestOp delete(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                .build();
    }
}
